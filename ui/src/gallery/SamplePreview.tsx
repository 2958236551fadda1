import type { TemplateEntity, TemplatePreview } from '../api/templates.ts'
import { label, t } from '../i18n/i18n.ts'
import { Empty } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'
import { isNumeric, optionOf, show } from '../meta/record.ts'

type Row = Record<string, unknown>

const mostColumns = 7

/** columnsOf are the fields that tell something in these rows, in the entity's order. */
function columnsOf(e: TemplateEntity, rows: Row[]) {
  return e.fields
    .filter(
      (f) => f.kind !== 'lines' && rows.some((r) => r[f.name] !== undefined && r[f.name] !== null && r[f.name] !== ''),
    )
    .slice(0, mostColumns)
}

function Cell({ field, value }: { field: TemplateEntity['fields'][number]; value: unknown }) {
  const option = field.kind === 'choice' ? optionOf(field, value) : undefined
  return option ? <Tag color={option.color}>{label(option.title)}</Tag> : show(field, value)
}

function Table({ entity, rows }: { entity: TemplateEntity; rows: Row[] }) {
  const columns = columnsOf(entity, rows)
  const name = label(entity.title)
  return (
    <div className="gallery-sample">
      <h2>{name}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className="card scroll-x" tabIndex={0} aria-label={t('gallery.sampleOf', { name })}>
        <table className="grid-table">
          <thead>
            <tr>
              {columns.map((f) => (
                <th key={f.name} scope="col" className={isNumeric(f.kind) ? 'num nowrap' : 'nowrap'}>
                  {label(f.title)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((r, i) => (
              <tr key={i}>
                {columns.map((f) => (
                  <td key={f.name} className={isNumeric(f.kind) ? 'num nowrap' : 'gallery-cell'}>
                    <Cell field={f} value={r[f.name]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}

/** SamplePreview shows some rows of a template's demo data as they would look. */
export function SamplePreview({ of: x }: { of: TemplatePreview }) {
  const shown = x.entities.filter((e) => (x.sample[e.name]?.length ?? 0) > 0)
  if (shown.length === 0) return <Empty title={t('gallery.sampleNone')} icon="table" />
  return (
    <div className="stack">
      <p className="soft">{t('gallery.sampleHint')}</p>
      {shown.map((e) => (
        <Table key={e.name} entity={e} rows={x.sample[e.name]!} />
      ))}
    </div>
  )
}
