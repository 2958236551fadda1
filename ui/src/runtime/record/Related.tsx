import { queryOptions, useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMeta } from '../../api/apps.ts'
import { listRecords } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Empty, Failed, Skeleton } from '../../kit/state.tsx'
import { isSystem, tableOf } from '../../meta/find.ts'
import { currencyOf, isEmpty, isNumeric, type RecordList } from '../../meta/record.ts'
import type { EntityMeta, FieldMeta } from '../../meta/types.ts'
import { Shown } from '../form/Shown.tsx'

const few = 5
const many = 5

interface Way {
  entity: EntityMeta
  field: FieldMeta
}

// Of an entry: when, what, of what, how much. Its document is known, or is what it is about.
function entryFields(all: FieldMeta[], shown: FieldMeta[]): FieldMeta[] {
  const named = (names: string[]) => names.flatMap((n) => shown.find((f) => f.name === n) ?? [])
  const dimensions = all
    .slice(
      all.findIndex((f) => f.name === 'verb') + 1,
      all.findIndex((f) => f.name === 'cost'),
    )
    .filter((f) => shown.includes(f))
  return [
    ...named(['day', 'code', 'verb']),
    ...dimensions.slice(0, few - 2),
    ...named(['quantity', 'secondary_quantity', 'value']),
  ]
}

function fieldsOf(w: Way): FieldMeta[] {
  const shown = w.entity.fields.filter(
    (f) =>
      !isSystem(f.name) &&
      !f.technical &&
      f.name !== w.field.name &&
      !['lines', 'file', 'image', 'json', 'richtext', 'longtext'].includes(f.kind),
  )
  if (w.entity.kept === 'entry') return entryFields(w.entity.fields, shown)
  const first = shown.filter((f) => f.name === w.entity.display || f.name === w.entity.state_field)
  return [...first, ...shown.filter((f) => !first.includes(f))].slice(0, few)
}

const relatedQuery = (app: string, id: string, way: Way) =>
  queryOptions({
    queryKey: ['list', app, way.entity.name, 'related', way.field.name, id],
    queryFn: ({ signal }) =>
      listRecords(
        app,
        way.entity.name,
        {
          filter: `${way.field.name} == ${JSON.stringify(id)}`,
          page_size: many,
          count: 'exact',
          order_by: 'created_at desc',
          fields: [
            ...new Set(fieldsOf(way).flatMap((f) => (f.currency_field ? [f.name, f.currency_field] : [f.name]))),
          ].join(','),
          display: true,
        },
        signal,
      ),
  })

function Table({ app, id, way, data }: { app: string; id: string; way: Way; data: RecordList }) {
  const fields = fieldsOf(way)
  const meta = useMeta(app)
  const shown = fields.filter((f, i) => i === 0 || data.records.some((r) => !isEmpty(r[f.name])))
  const table = tableOf(meta, way.entity.name)
  const title = label(way.entity.title)
  return (
    <section aria-label={title}>
      <h3 className="related-title">
        {title} <span className="soft">{data.count ?? data.records.length}</span>
        {table && (
          <Link
            to="/a/$app/v/$view"
            params={{ app, view: table }}
            search={{ filter: `${way.field.name} == ${JSON.stringify(id)}` }}
            className="related-all"
            aria-label={t('record.relatedAllOf', { what: title })}
          >
            {t('record.relatedAll')}
          </Link>
        )}
      </h3>
      <div className="scroll-x card">
        <table className="grid-table">
          <thead>
            <tr>
              {shown.map((f) => (
                <th key={f.name} className={isNumeric(f.kind) ? 'num' : undefined}>
                  {label(f.title)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.records.map((r) => (
              <tr key={r.id}>
                {shown.map((f, i) => (
                  <td key={f.name} className={isNumeric(f.kind) ? 'num' : 'nowrap'}>
                    {i === 0 ? (
                      <Link to="/a/$app/r/$entity/$id" params={{ app, entity: way.entity.name, id: r.id }} search={{}}>
                        <Shown field={f} value={r[f.name] ?? t('common.open')} display={data.display} compact />
                      </Link>
                    ) : (
                      <Shown
                        field={{ ...f, currency: currencyOf(f, (name) => r[name], meta.currency) }}
                        value={r[f.name]}
                        display={data.display}
                        compact
                      />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** waysTo lists what points at records of an entity and may be read: documents, what they posted, what ledgers hold. */
export function waysTo(entities: EntityMeta[], target: string): Way[] {
  const posts = entities.find((e) => e.name === target)?.posts_to ?? []
  const ways = entities
    .filter((e) => e.actions.includes('read'))
    .flatMap((entity) =>
      entity.fields
        .filter((f) =>
          posts.includes(entity.name)
            ? f.name === 'document' && f.technical
            : f.target === target && (f.kind === 'reference' || f.kind === 'tree'),
        )
        .map((field) => ({ entity, field })),
    )
  // What a document posted says all of it: sums by the document itself would say it again.
  const told = ways.filter((w) => posts.length === 0 || !w.entity.kept || w.entity.kept === 'entry')
  return [...told.filter((w) => !w.entity.kept), ...told.filter((w) => w.entity.kept)]
}

/** Related shows the records that point at this one. */
export function Related({ app, entity, id }: { app: string; entity: EntityMeta; id: string }) {
  const ways = waysTo(useMeta(app).entities, entity.name)
  const found = useQueries({ queries: ways.map((w) => relatedQuery(app, id, w)) })
  const failed = found.filter((q) => q.error && !q.data)
  const waiting = found.some((q) => q.isPending && !q.error)
  const none = !waiting && failed.length === 0 && found.every((q) => q.data?.records.length === 0)
  return (
    <div className="stack related">
      {ways.map((w, i) => {
        const { data } = found[i]!
        return data?.records.length ? (
          <Table key={`${w.entity.name}.${w.field.name}`} app={app} id={id} way={w} data={data} />
        ) : null
      })}
      {waiting && <Skeleton rows={3} />}
      {failed[0] && <Failed error={failed[0].error} retry={() => void Promise.all(failed.map((q) => q.refetch()))} />}
      {none && <Empty icon="link" title={t('record.noRelated')} />}
    </div>
  )
}
