import type { Rec } from '../../meta/record.ts'
import type { Kind, ViewMeta } from '../../meta/types.ts'

// Days are texts ("2026-11-26") and never move across time zones; instants stand on this device's day.

const dayLength = 86_400_000

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const addDays = (day: string, n: number): string => dayAt(utc(day) + n * dayLength)

/** daysBetween is how many days there are from one to another. */
export const daysBetween = (from: string, to: string): number => Math.round((utc(to) - utc(from)) / dayLength)

/** weekday is 0 for Sunday to 6 for Saturday. */
export const weekday = (day: string): number => new Date(utc(day)).getUTCDay()

const two = (n: number): string => String(n).padStart(2, '0')

/** localDay is the day of a moment on this device. */
export const localDay = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`

export const monthOf = (day: string): string => day.slice(0, 7)

/** addMonths keeps the day where the month has it, else takes the month's last. */
export function addMonths(day: string, n: number): string {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number]
  const first = new Date(Date.UTC(y, m - 1 + n, 1))
  const last = new Date(Date.UTC(y, m + n, 0)).getUTCDate()
  return `${dayAt(first.getTime()).slice(0, 8)}${two(Math.min(d, last))}`
}

/** weekOf is the seven days around a day; begin is the weekday that weeks begin with. */
export function weekOf(day: string, begin: number): string[] {
  const first = addDays(day, -((weekday(day) - begin + 7) % 7))
  return Array.from({ length: 7 }, (_, i) => addDays(first, i))
}

/** weeksOf is the weeks that a month touches. */
export function weeksOf(day: string, begin: number): string[][] {
  const month = monthOf(day)
  const out: string[][] = []
  for (let w = weekOf(`${month}-01`, begin); monthOf(w[0]!) <= month; w = weekOf(addDays(w[0]!, 7), begin)) out.push(w)
  return out
}

/** monthDays is every day of a month. */
export function monthDays(day: string): string[] {
  const first = `${monthOf(day)}-01`
  return Array.from({ length: daysBetween(first, addMonths(first, 1)) }, (_, i) => addDays(first, i))
}

/** dayOf is the day that a value of a date or an instant stands on. */
export function dayOf(value: unknown, kind: Kind): string | undefined {
  if (typeof value !== 'string' || !value) return undefined
  return kind === 'datetime' ? localDay(new Date(value)) : value.slice(0, 10)
}

/** A record on its days. */
export interface Entry {
  rec: Rec
  from: string
  to: string
}

/** entryOf places a record; an end before its start, or none, is its start. */
export function entryOf(view: ViewMeta, kinds: { start: Kind; end: Kind }, rec: Rec): Entry | undefined {
  const from = dayOf(rec[view.start!], kinds.start)
  if (!from) return undefined
  const end = view.end ? dayOf(rec[view.end], kinds.end) : undefined
  return { rec, from, to: end && end > from ? end : from }
}

const literal = (day: string, kind: Kind): string =>
  kind === 'datetime' ? `datetime("${new Date(`${day}T00:00:00`).toISOString()}")` : `date("${day}")`

/** within asks for the records that stand on any day of a range. */
export function within(view: ViewMeta, kinds: { start: Kind; end: Kind }, first: string, last: string): string {
  const after = (field: string, kind: Kind): string => `${field} >= ${literal(first, kind)}`
  const begins = `${view.start} < ${literal(addDays(last, 1), kinds.start)}`
  const starts = after(view.start!, kinds.start)
  return `${begins} && ${view.end ? `(${starts} || ${after(view.end, kinds.end)})` : starts}`
}

/** shifted is a value some days later; an instant keeps its time of day. */
export function shifted(value: unknown, kind: Kind, days: number): string | undefined {
  if (typeof value !== 'string' || !value) return undefined
  if (kind !== 'datetime') return addDays(value, days)
  const at = new Date(value)
  at.setDate(at.getDate() + days) // the same time of day
  return at.toISOString().replace('.000Z', 'Z')
}

/** movedTo is what changes where an entry is put on another day: its start, and its end by as many days. */
export function movedTo(
  view: ViewMeta,
  kinds: { start: Kind; end: Kind },
  e: Entry,
  from: string,
  to: string,
): Record<string, string> {
  const days = daysBetween(from, to)
  const out: Record<string, string> = {}
  const start = shifted(e.rec[view.start!], kinds.start, days)
  if (start) out[view.start!] = start
  const end = view.end ? shifted(e.rec[view.end], kinds.end, days) : undefined
  if (end) out[view.end!] = end
  return out
}

/** A bar of a week: where it begins, how far it reaches, and on which line. */
export interface Bar {
  entry: Entry
  at: number
  span: number
  line: number
  before: boolean
  after: boolean
}

/** barsOf lays the entries of a week out: the earlier and longer ones above, none over another. */
export function barsOf(entries: Entry[], week: string[]): Bar[] {
  const [first, last] = [week[0]!, week.at(-1)!]
  const here = entries
    .filter((e) => e.from <= last && e.to >= first)
    .sort((a, b) => (a.from === b.from ? (a.to < b.to ? 1 : a.to > b.to ? -1 : 0) : a.from < b.from ? -1 : 1))
  const ends: number[] = []
  return here.map((entry) => {
    const at = Math.max(0, daysBetween(first, entry.from))
    const until = Math.min(week.length - 1, daysBetween(first, entry.to))
    let line = ends.findIndex((end) => end < at)
    if (line < 0) line = ends.length
    ends[line] = until
    return { entry, at, span: until - at + 1, line, before: entry.from < first, after: entry.to > last }
  })
}

/** onDay is what stands on a day. */
export const onDay = (entries: Entry[], day: string): Entry[] => entries.filter((e) => e.from <= day && e.to >= day)
