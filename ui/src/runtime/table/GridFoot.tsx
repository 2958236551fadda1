import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { show } from '../../meta/record.ts'
import type { Column } from './columns.ts'
import { drawn, gutter, leftOf, type Stretch } from './GridRow.tsx'
import type { Totals } from './question.ts'

/** GridFoot shows the totals of all records, whether they have been read or not. */
export function GridFoot({
  columns,
  stretch,
  totals,
  row,
}: {
  columns: Column[]
  stretch: Stretch
  totals: Totals
  row: number
}) {
  let first = true
  return (
    <div role="rowgroup" className="tv-foot">
      <div role="row" aria-rowindex={row} className="tv-headrow">
        <div
          role="gridcell"
          aria-colindex={1}
          className="tv-cell tv-gutter tv-fixed tv-sum"
          style={{ minWidth: gutter }}
        >
          {totals.count === undefined ? '' : count(totals.count)}
        </div>
        {drawn(columns, stretch).map((i) => {
          const c = columns[i]!
          const margin = !c.fixed && first ? stretch.offset : undefined
          if (!c.fixed) first = false
          const value = totals.values[c.path]
          return (
            <div
              key={c.path}
              role="gridcell"
              aria-colindex={i + 2}
              className={`tv-cell ${c.fixed ? 'tv-fixed' : ''} ${c.right ? 'tv-right' : ''}`}
              style={{ width: c.width, left: c.fixed ? leftOf(columns, i) : undefined, marginLeft: margin }}
            >
              {i === 0 && <span className="soft">{t('table.records')}</span>}
              {c.total && value !== undefined && value !== null && (
                <>
                  <span>{c.total === 'count' ? count(Number(value)) : show(c, value)}</span>
                  <span className="tv-op">{t(`table.${c.total}`)}</span>
                </>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
