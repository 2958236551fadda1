import { shortDay, shortMoment } from '../../i18n/format.ts'
import { label } from '../../i18n/i18n.ts'
import { paletteOf } from '../../kit/tag.tsx'
import { type Display, optionOf, type Rec, show } from '../../meta/record.ts'
import type { ColorMeta, Kind } from '../../meta/types.ts'
import { Shown } from '../form/Shown.tsx'
import { type Column, cellValue } from './columns.ts'

const plain: ReadonlySet<Kind> = new Set<Kind>([
  'text',
  'number',
  'longtext',
  'integer',
  'decimal',
  'money',
  'percent',
  'date',
  'datetime',
  'time',
  'barcode',
  'phone',
  'email',
  'lines',
])

/** Words are what the colours of a record or cell mean. */
export function Words({ rules }: { rules: ColorMeta[] }) {
  return rules.map((r) => (
    <span key={r.name} className={`tv-word tint-${paletteOf(r.color)}`} title={label(r.title)}>
      {label(r.title)}
    </span>
  ))
}

/** CellText shows a value in one line with as few elements as can be. */
export function CellText({ column, rec, display }: { column: Column; rec: Rec; display: Display }) {
  const value = cellValue(rec, column)
  if (typeof value === 'string' && !column.masked) {
    if (column.kind === 'date') return <>{shortDay(value)}</>
    if (column.kind === 'datetime') return <>{shortMoment(value)}</>
    if (column.kind === 'reference' && display[value] !== undefined) return <>{display[value]}</>
  }
  if (plain.has(column.kind) && !column.masked) return <>{show(column, value, display)}</>
  return <Shown field={column} value={value} display={display} compact />
}

/** repeats is true where a colour says the same as the value that it is on. */
export function repeats(rule: ColorMeta, column: Column, rec: Rec): boolean {
  const option = column.kind === 'choice' ? optionOf(column, cellValue(rec, column)) : undefined
  return !!option && label(option.title) === label(rule.title)
}

/** rulesAt are the colour rules that are shown at a column: those over its field, and in the first column those over the
 * whole record or over a field that isn't shown. */
export function rulesAt(columns: Column[], index: number, rules: ColorMeta[]): ColorMeta[] {
  const at = (r: ColorMeta) => columns.findIndex((c) => c.path === r.field || c.path.startsWith(`${r.field}.`))
  return rules.filter((r) => Math.max(0, r.field ? at(r) : 0) === index)
}
