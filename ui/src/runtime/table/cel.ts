import type { Kind } from '../../meta/types.ts'

/** text writes a text as an expression has it. */
export const text = (s: string): string => JSON.stringify(s)

/** both joins conditions, each of which may be absent. */
export function both(...parts: (string | undefined)[]): string {
  const given = parts.filter((p): p is string => !!p?.trim())
  return given.length < 2 ? (given[0] ?? '') : given.map((p) => `(${p})`).join(' && ')
}

/** among is the condition that a record is one of these. */
export const among = (ids: string[]): string => `id in [${ids.map(text).join(', ')}]`

const numbers: ReadonlySet<Kind> = new Set<Kind>(['integer', 'decimal', 'money', 'percent'])

/** nextMonth is the first day of the month after that of a day. */
export function nextMonth(day: string): string {
  const [y, m] = day.split('-').map(Number) as [number, number]
  return m === 12 ? `${y + 1}-01-01` : `${y}-${String(m + 1).padStart(2, '0')}-01`
}

/** isMonthly is true for kinds that are grouped by month. */
export const isMonthly = (kind: Kind): boolean => kind === 'date'

/** groups is true for kinds by whose values records can be put together. */
export function groups(kind: Kind): boolean {
  return ['text', 'choice', 'boolean', 'reference', 'tree', 'user', 'department', 'date', 'integer'].includes(kind)
}

/** equals is the condition of the records in a group. */
export function equals(path: string, kind: Kind, value: unknown): string {
  if (value === null || value === undefined) return `${path} == null`
  if (isMonthly(kind)) {
    const day = String(value)
    return `${path} >= date(${text(day)}) && ${path} < date(${text(nextMonth(day))})`
  }
  if (kind === 'boolean') return `${path} == ${value === true}`
  if (numbers.has(kind)) return `${path} == ${String(value)}`
  return `${path} == ${text(String(value))}`
}
