import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { ScrollBox } from '../../kit/scroll.tsx'
import { entityOf } from '../../meta/find.ts'
import { isNumeric, type Rec } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { printed } from '../print/texts.ts'
import { linesOf, type Preview, type Upload } from './job.ts'

interface Props {
  app: string
  entity: string
  upload: Upload
  mapping: Record<string, string>
  found: Preview
}

const rows = ({ row, last }: { row: number; last: number }): string =>
  last > row ? t('imports.shownRows', { from: row, to: last }) : t('imports.shownRow', { n: row })

/** Records shows the first documents of a file as they would be, each with its lines. */
export function Records({ app, entity, upload, mapping, found }: Props) {
  const fields = entityOf(useMeta(app), entity)?.fields ?? []
  const lines = fields.find((f) => f.name === linesOf(upload, mapping))
  const used = new Set(Object.values(mapping))
  const own = fields.filter((f) => used.has(f.name))
  const columns = (lines?.lines ?? []).filter((f) => used.has(`${lines?.name}.${f.name}`))
  const text = (f: FieldMeta, r: Rec): string => printed(f, r[f.name], found.display, true)
  return (
    <section className="stack imp-records" aria-label={t('imports.shown')}>
      <p className="soft">{t('imports.shown')}</p>
      {found.records?.map((r) => (
        <article key={r.row} className="card imp-record">
          <header className="row row-wrap">
            <strong>{rows(r)}</strong>
            <span className="soft">{t(r.update ? 'imports.updates' : 'imports.creates')}</span>
          </header>
          <dl className="imp-own">
            {own.map((f) => (
              <div key={f.name}>
                <dt className="soft">{label(f.title)}</dt>
                <dd>{text(f, r.values) || t('common.none')}</dd>
              </div>
            ))}
          </dl>
          <ScrollBox label={`${label(lines?.title)}, ${rows(r)}`}>
            <table className="grid-table imp-table">
              <thead>
                <tr>
                  {columns.map((f) => (
                    <th key={f.name} scope="col" className={isNumeric(f.kind) ? 'num' : undefined}>
                      {label(f.title)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {((lines && (r.values[lines.name] as Rec[] | undefined)) ?? []).map((line) => (
                  <tr key={line.id}>
                    {columns.map((f) => (
                      <td key={f.name} className={isNumeric(f.kind) ? 'num' : undefined}>
                        {text(f, line)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollBox>
        </article>
      ))}
    </section>
  )
}
