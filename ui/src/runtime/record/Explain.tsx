import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, useContext, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { call } from '../../api/client.ts'
import { verbPath } from '../../api/records.ts'
import { day } from '../../i18n/format.ts'
import { type Label, label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Select } from '../../kit/field.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf, fieldOf, isSystem } from '../../meta/find.ts'
import type { AppMeta, EntityMeta, FieldMeta } from '../../meta/types.ts'
import { Shown } from '../form/Shown.tsx'
import { type Explanation, Rule } from './ExplainRule.tsx'
import './explain.css'

/** The panel: of which app, and which value was asked about first. */
const Panel = createContext<{ app: string; home: Asked }>({ app: '', home: { entity: '', record: '', field: '' } })

interface Place {
  entity: string
  record: string
}

/** Which value is asked about. */
interface Asked extends Place {
  field: string
  line?: string
}

/** metaOf finds what is known of a field; "lines.amount" is a field of lines. */
export function metaOf(meta: AppMeta, entity: string, field: string): FieldMeta | undefined {
  const [name = '', inner] = field.split('.')
  const f = entityOf(meta, entity)?.fields.find((x) => x.name === name)
  return inner ? f?.lines?.find((x) => x.name === inner) : f
}

/** ruled is the entity whose formula it is: of a field of lines that of the lines. */
const ruled = (meta: AppMeta, { entity, field }: Asked): string | undefined =>
  fieldOf(entityOf(meta, entity), field.split('.')[0]!)?.target

/** unfolds tells which values have something behind them; the others are what somebody wrote. */
const unfolds = (kind: string): boolean => kind === 'formula' || kind === 'rollup' || kind === 'ledger'

function Value({ at, value, display }: { at: Asked; value: unknown; display: Record<string, string> }) {
  const meta = useMeta(useContext(Panel).app)
  const f = metaOf(meta, at.entity, at.field)
  if (!f) return <span>{value == null ? t('explain.blank') : String(value)}</span>
  if (value == null) return <span className="soft">{t('explain.blank')}</span>
  const currency = f.currency_field ? undefined : meta.currency // which other one it is isn't told here
  return <Shown field={{ ...f, currency }} value={value} display={display} compact />
}

function Title({ text, at, display }: { text: string; at: Place; display: Record<string, string> }) {
  const { app, home } = useContext(Panel)
  const name = display[at.record]
  return (
    <span className="explain-title">
      {text}
      {at.record !== home.record && name && (
        <>
          {' '}
          <Link
            to="/a/$app/r/$entity/$id"
            params={{ app, entity: at.entity, id: at.record }}
            search={{}}
            className="explain-link"
          >
            {name}
          </Link>
        </>
      )}
    </span>
  )
}

/** Leaf is a value with what is behind it, which is asked for when it is unfolded. */
function Leaf({
  at,
  to = at,
  text,
  kind,
  value,
  display,
  depth,
}: {
  at: Asked
  /** Where its link leads. */
  to?: Place
  text: string
  kind: string
  value: unknown
  display: Record<string, string>
  depth: number
}) {
  const [open, setOpen] = useState(false)
  const more = unfolds(kind) && at.entity !== '' && depth < deepest
  return (
    <li className="explain-leaf">
      <div className="explain-row">
        {more ? (
          <Button
            icon={open ? 'down' : 'right'}
            look="ghost"
            size="s"
            className="btn-icon"
            aria-label={t(open ? 'explain.fold' : 'explain.unfold', { name: text })}
            onPress={() => setOpen(!open)}
          />
        ) : (
          <span className="explain-gap" aria-hidden />
        )}
        <Title text={text} at={to} display={display} />
        <span className="explain-value">
          <Value at={at} value={value} display={display} />
        </span>
      </div>
      {open && <Behind at={at} depth={depth + 1} />}
    </li>
  )
}

const deepest = 12 // levels that can be unfolded

function Behind({ at, depth }: { at: Asked; depth: number }) {
  const { app } = useContext(Panel)
  const meta = useMeta(app)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['record', app, at.entity, at.record, 'explain', at.field, at.line],
    queryFn: ({ pageParam, signal }) =>
      call<Explanation>('GET', verbPath(app, at.entity, 'explain', at.record), {
        query: { field: at.field, line: at.line, page_token: pageParam || undefined },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })
  if (error) return <Failed error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton rows={2} />
  const [a] = data.pages
  if (!a) return null
  const rows = data.pages.flatMap((p) => (p.rows ?? []).map((r) => ({ r, display: p.display })))
  const hidden = data.pages.reduce((n, p) => n + (p.hidden ?? 0), 0)
  // Of an entry: first what posted it, then what its value was found by, as far as there is something.
  const entry = entityOf(meta, at.entity)?.kept === 'entry'
  const inputs = a.inputs?.filter((x) => !entry || x.value != null)
  const made = !!inputs?.length && (
    <ul key="made" className="explain-list">
      {inputs.map((x, i) => (
        <Leaf
          key={i}
          at={{ entity: x.entity ?? '', record: x.record ?? '', field: x.field ?? '', line: x.line || undefined }}
          text={x.kind === 'query' ? x.path : label(x.title as Label)}
          kind={x.kind}
          value={x.value}
          display={a.display}
          depth={depth}
        />
      ))}
    </ul>
  )
  const behind = rows.length > 0 && (
    <ul key="behind" className="explain-list explain-rows">
      {rows.map(({ r, display }) => (
        <Row key={`${r.record}${r.line ?? ''}${r.field ?? ''}`} r={r} display={display} depth={depth} />
      ))}
    </ul>
  )
  return (
    <div className="explain">
      {a.computing && (
        <p className="note-box warn">
          <Icon name="refresh" size={16} /> {t('explain.computing')}
        </p>
      )}
      {a.provisional && (
        <p className="note-box warn">
          <Icon name="clock" size={16} /> {t('explain.provisional')}
        </p>
      )}
      {depth === 0 && (
        <p className="explain-now">
          {label(a.title as Label)}{' '}
          <span className="explain-value">
            <Value at={at} value={a.value} display={a.display} />
          </span>
        </p>
      )}
      <Rule meta={meta} entity={at.line ? (ruled(meta, at) ?? at.entity) : at.entity} a={a} />
      {a.rollup && rows.length === 0 && hidden === 0 && !hasNextPage && <p className="soft">{t('explain.noRows')}</p>}
      {entry ? [behind, made] : [made, behind]}
      {hasNextPage && (
        <Button size="s" isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          {t('home.loadMore')}
        </Button>
      )}
      {a.more && <p className="soft">{t('explain.more')}</p>}
      {hidden > 0 && (
        <p className="soft">
          <Icon name="lock" size={14} /> {t('explain.hidden', { n: hidden })}
        </p>
      )}
    </div>
  )
}

function Row({
  r,
  display,
  depth,
}: {
  r: NonNullable<Explanation['rows']>[number]
  display: Record<string, string>
  depth: number
}) {
  const meta = useMeta(useContext(Panel).app)
  const shown = r.document ?? { entity: r.entity, record: r.record }
  const of = (r.of ?? []).map((x) => display[x] ?? x).join(' ')
  const text = [r.day && day(r.day), label(entityOf(meta, shown.entity)?.title as Label, shown.entity)]
  const at = { entity: r.entity, record: r.record, field: r.field ?? '', line: r.line || undefined }
  return (
    <Leaf
      at={at}
      to={shown}
      text={text.filter(Boolean).join(' \u00b7 ')}
      kind={r.document ? 'entered' : (r.kind ?? 'entered')}
      value={r.value}
      display={r.document || !of ? display : { ...display, [r.record]: of }}
      depth={depth}
    />
  )
}

/** Explain says where a value of a record comes from, and lets one go on to what is behind it. */
export function Explain({
  app,
  entity,
  id,
  field,
  onClose,
}: {
  app: string
  entity: EntityMeta
  id: string
  field?: string
  onClose: () => void
}) {
  const fields = entity.fields.filter((f) => f.kind !== 'lines' && !f.masked && (!isSystem(f.name) || f.name === field))
  const first =
    fields.find((f) => (entity.kept ? f.name === 'value' || f.name === 'quantity' : f.computed)) ?? fields[0]
  const [chosen, setChosen] = useState(field ?? first?.name ?? '')
  const at = { entity: entity.name, record: id, field: chosen }
  return (
    <Dialog title={t('explain.title')} open look="side" onClose={onClose}>
      <div className="stack">
        <Select
          label={t('explain.field')}
          value={chosen}
          onChange={setChosen}
          choices={fields.map((f) => ({ id: f.name, text: label(f.title, f.name) }))}
        />
        <Panel value={{ app, home: at }}>
          <Behind key={chosen} at={at} depth={0} />
        </Panel>
      </div>
    </Dialog>
  )
}
