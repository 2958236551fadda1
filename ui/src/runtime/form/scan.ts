import { entityOf } from '../../meta/find.ts'
import type { AppMeta, FieldMeta } from '../../meta/types.ts'
import { fill, increment, isBlank, type Line, newLine } from './lines.ts'
import { type FoundOption, given } from './options.ts'

export interface ScanColumn {
  path: string
  field: FieldMeta
  total?: string
}

const counting: ReadonlySet<string> = new Set(['decimal', 'integer'])

const bears = (fields: FieldMeta[] | undefined): boolean =>
  !!fields?.some((f) => !f.masked && (f.kind === 'barcode' || (f.kind === 'lines' && bears(f.lines))))

/** scannable is true for records that bear a barcode, or whose lines do. */
export const scannable = (meta: AppMeta, entity: string | undefined): boolean =>
  !!entity && bears(entityOf(meta, entity)?.fields)

/** scanned says what a code fills in: the reference that a line is about, where what it points at bears codes, and the
 * number that counts it. That is one that somebody has to enter; else one that is summed up. */
export function scanned(meta: AppMeta, columns: ScanColumn[]): { ref: FieldMeta; qty?: FieldMeta } | undefined {
  const ref = columns.find((c) => c.path === c.field.name && c.field.kind === 'reference' && c.field.required)?.field
  if (!ref?.writable || !scannable(meta, ref.target)) return undefined
  const numbers = columns.filter((c) => counting.has(c.field.kind) && c.field.writable)
  const qty = numbers.find((c) => c.field.required && !c.field.preset) ?? numbers.find((c) => c.total === 'sum')
  return { ref, qty: qty?.field }
}

/** What a code did to the lines. */
export interface Scanned {
  rows: Line[]
  /** The line that it found or made. */
  at: number
  /** How many there are of it now; undefined where nothing was counted. */
  count?: string
}

/** take counts up the line that has just what a code stands for, or adds one. A code that says more than lines can hold
 * (a case, where they have no unit) counts nothing: one of it isn't one of what they count. */
export function take(rows: Line[], what: { ref: FieldMeta; qty?: FieldMeta }, o: FoundOption): Scanned {
  const is: Record<string, unknown> = { [what.ref.name]: o.id, ...given(o.set).values }
  const qty = o.via && !o.set ? undefined : what.qty
  const same = rows.findIndex((l) => Object.entries(is).every(([name, v]) => l[name] === v))
  if (same >= 0) {
    if (!qty) return { rows, at: same }
    const next = increment(rows, rows[same]!.$key, qty.name)
    return { rows: next, at: same, count: String(next[same]![qty.name]) }
  }
  const values = qty ? { ...is, [qty.name]: qty.kind === 'integer' ? 1 : '1' } : is
  const blank = rows.findIndex(isBlank)
  const count = qty && '1'
  if (blank >= 0) return { rows: fill(rows, rows[blank]!.$key, values), at: blank, count }
  return { rows: [...rows, newLine(values)], at: rows.length, count }
}
