import { t } from '../../i18n/i18n.ts'
import { ScrollBox } from '../../kit/scroll.tsx'
import { type BadRow, type CellProblem, type Corrections, corrected, type Upload } from './job.ts'

interface Props {
  upload: Upload
  rows: BadRow[]
  corrections?: Corrections
  onCorrect?: (c: Corrections) => void
}

const said = (list: CellProblem[]): string => list.map((e) => (e.cure ? `${e.message} ${e.cure}` : e.message)).join(' ')

/** BadRows is the part of the file that has problems: each at its cell, in words, and correctable. */
export function BadRows({ upload, rows, corrections = {}, onCorrect }: Props) {
  return (
    <ScrollBox className="card imp-scroll" label={t('imports.problems')}>
      <table className="grid-table imp-table">
        <thead>
          <tr>
            <th scope="col" className="num">
              {t('imports.row')}
            </th>
            {upload.headers.map((h, i) => (
              <th key={`${i}-${h}`} scope="col">
                {h}
              </th>
            ))}
            <th scope="col">{t('imports.problems')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.row}>
              <th scope="row" className="num">
                {r.row}
              </th>
              {upload.headers.map((h, i) => {
                const found = r.errors.filter((e) => e.column === h)
                const original = r.cells[i] ?? ''
                const fixed = corrections[r.row]?.[h]
                if (!onCorrect || (found.length === 0 && fixed === undefined))
                  return <td key={`${i}-${h}`}>{original}</td>
                return (
                  <td key={`${i}-${h}`}>
                    <input
                      className={`input imp-cell ${fixed !== undefined && fixed !== original ? 'imp-fixed' : ''}`}
                      aria-label={`${h}, ${t('imports.row')} ${r.row}`}
                      aria-invalid={found.length > 0}
                      title={said(found)}
                      defaultValue={fixed ?? original}
                      onBlur={(e) => onCorrect(corrected(corrections, r.row, h, e.target.value, original))}
                    />
                  </td>
                )
              })}
              <td className={`imp-said ${r.errors.some((e) => e.severity === 'error') ? '' : 'imp-warned'}`}>
                {said(r.errors)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
