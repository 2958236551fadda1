import { count, decimal } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { isNumeric } from '../../meta/record.ts'
import { addUp } from '../exact.ts'
import { type Column, cellValue } from './columns.ts'
import type { Model } from './model.ts'
import { boxOf, isOne, type Range } from './range.ts'

const fewest = 2

/** SumLine adds up the numbers of a range that is marked, to the last digit. */
export function SumLine({ model, columns, range }: { model: Model; columns: Column[]; range: Range }) {
  if (isOne(range)) return null
  const b = boxOf(range)
  if (model.lacks(b.top, b.bottom) > 0) return null // the sum of a part would look like that of the whole
  const list = columns.slice(Math.max(0, b.left - 1), b.right).filter((c) => isNumeric(c.kind) && !c.masked)
  const found: string[] = []
  if (list.length > 0)
    for (let i = b.top; i <= b.bottom; i++) {
      const rec = model.recAt(i)
      for (const c of list) {
        const v = rec && cellValue(rec, c)
        if (v !== null && v !== undefined && v !== '') found.push(String(v))
      }
    }
  if (found.length < fewest) return null
  return (
    <p className="tv-selection" role="status">
      {t('table.sumSelected', { n: count(found.length), sum: decimal(addUp(found)) })}
    </p>
  )
}
