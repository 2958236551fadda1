import type { Kind, ViewMeta } from '../../meta/types.ts'
import { momentOf } from '../form/dates.ts'
import { addDays, daysBetween, type Entry, localDay, shifted } from './calendar.ts'

// Hours of days, as minutes since midnight on this device's clock: that is how moments are shown everywhere. A place is a
// day and a time, "2026-11-26T09:30".

/** The minutes of a line of the hours' grid: what one drags and steps by. */
export const step = 30
/** The minutes of a day. */
export const wholeDay = 1440
const unended = 60 // minutes that an entry without an end is drawn for
const least = 20 // minutes that the shortest entry is drawn for
const long = wholeDay * 60_000

const two = (n: number): string => String(n).padStart(2, '0')

/** clockOf writes minutes as a time: 570 is 09:30. */
export const clockOf = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

/** placeOf is a place of the grid. */
export const placeOf = (day: string, minutes: number): string => `${day}T${clockOf(minutes)}`

/** readPlace takes a place apart; undefined for what is none, such as a day. */
export function readPlace(place: string): { day: string; minutes: number } | undefined {
  const m = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)$/.exec(place)
  return m ? { day: m[1]!, minutes: Number(m[2]) * 60 + Number(m[3]) } : undefined
}

/** momentAt is the moment at minutes of a day; 1440 is the midnight that ends it. */
export const momentAt = (day: string, minutes: number): string =>
  momentOf(addDays(day, Math.floor(minutes / wholeDay)), clockOf(minutes % wholeDay))

const minutesOf = (at: Date): number => at.getHours() * 60 + at.getMinutes()

/** nowAt is where a moment stands. */
export const nowAt = (at: Date): { day: string; minutes: number } => ({ day: localDay(at), minutes: minutesOf(at) })

type Kinds = { start: Kind; end: Kind }

function moment(value: unknown): Date | undefined {
  const at = typeof value === 'string' && value ? new Date(value) : undefined
  return at && !Number.isNaN(at.getTime()) ? at : undefined
}

/** spanOf is when an entry begins and ends; undefined for one that is of whole days: that ends on a date, or lasts a day
 * or longer. */
export function spanOf(view: ViewMeta, kinds: Kinds, e: Entry): { from: Date; to: Date } | undefined {
  const from = kinds.start === 'datetime' ? moment(e.rec[view.start!]) : undefined
  if (!from) return undefined
  if (view.end && kinds.end !== 'datetime' && e.to > e.from) return undefined
  const end = view.end && kinds.end === 'datetime' ? moment(e.rec[view.end]) : undefined
  const to = end && end > from ? end : new Date(from.getTime() + unended * 60_000)
  return to.getTime() - from.getTime() < long ? { from, to } : undefined
}

/** What stands on one day of a timed entry, beside what stands there at the same time. */
export interface Piece {
  entry: Entry
  day: string
  from: number
  to: number
  /** Which of how many columns of the day it has, while it lasts. */
  lane: number
  lanes: number
  /** More overlap than there is room for; the rest is counted beside it. */
  crowded?: true
  /** It goes on from the day before, or on the day after. */
  before: boolean
  after: boolean
}

function cut(view: ViewMeta, kinds: Kinds, e: Entry, days: string[]): Piece[] {
  const span = spanOf(view, kinds, e)
  if (!span) return []
  const first = nowAt(span.from)
  let last = nowAt(span.to)
  if (last.minutes === 0 && last.day > first.day) last = { day: addDays(last.day, -1), minutes: wholeDay }
  return days
    .filter((day) => day >= first.day && day <= last.day)
    .map((day) => {
      const from = day === first.day ? first.minutes : 0
      const to = day === last.day ? last.minutes : wholeDay
      const drawn = Math.min(wholeDay, Math.max(to, from + least))
      return { entry: e, day, from, to: drawn, lane: 0, lanes: 1, before: day > first.day, after: day < last.day }
    })
}

// Those that overlap, one through another, share the width of their day.
function lay(pieces: Piece[]): void {
  let group: Piece[] = []
  let ends: number[] = []
  const close = (): void => {
    for (const p of group) p.lanes = ends.length
    group = []
    ends = []
  }
  for (const p of pieces) {
    if (ends.length > 0 && ends.every((end) => end <= p.from)) close()
    const free = ends.findIndex((end) => end <= p.from)
    p.lane = free < 0 ? ends.length : free
    ends[p.lane] = p.to
    group.push(p)
  }
  close()
}

/** piecesOf places the timed entries on days: by their hours, none over another. */
export function piecesOf(view: ViewMeta, kinds: Kinds, entries: Entry[], days: string[]): Piece[] {
  const all = entries.flatMap((e) => cut(view, kinds, e, days))
  return days.flatMap((day) => {
    const here = all.filter((p) => p.day === day).sort((a, b) => a.from - b.from || b.to - a.to)
    lay(here)
    return here
  })
}

/** What finds no room beside others, of one stretch of a day. */
export interface Crowd {
  day: string
  from: number
  to: number
  count: number
}

/** abreast leaves as many side by side as can be read. Where more overlap, the rest is counted, stretch by stretch. */
export function abreast(pieces: Piece[], most: number): { shown: Piece[]; crowds: Crowd[] } {
  const shown: Piece[] = []
  const crowds: Crowd[] = []
  for (const p of pieces) {
    if (p.lane < most) {
      shown.push(p.lanes > most ? { ...p, lanes: most, crowded: true } : p)
      continue
    }
    const last = crowds.at(-1)
    if (last?.day === p.day && p.from < last.to) {
      last.to = Math.max(last.to, p.to)
      last.count++
    } else crowds.push({ day: p.day, from: p.from, to: p.to, count: 1 })
  }
  return { shown, crowds }
}

/** stepped is the place that an arrow key leads to; over midnight it is another day's. */
export function stepped(place: string, key: string): string {
  const at = readPlace(place)
  const [days, by] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0]
  if (!at) return place
  const minutes = at.minutes + by! * step
  const over = Math.floor(minutes / wholeDay)
  return placeOf(addDays(at.day, days! + over), minutes - over * wholeDay)
}

/** lineOf is the place of the grid's line that minutes of a day lie on. */
export const lineOf = (day: string, minutes: number): string =>
  placeOf(day, Math.min(wholeDay - step, minutes - (minutes % step)))

/** shiftedTo is what changes where an entry goes from one line to another: its start by days and minutes, its end so that
 * it lasts as long. Minutes between two lines stay. */
export function shiftedTo(view: ViewMeta, kinds: Kinds, e: Entry, from: string, to: string): Record<string, string> {
  const [a, b] = [readPlace(from), readPlace(to)]
  const start = moment(e.rec[view.start!])
  if (!a || !b || !start) return {}
  const days = daysBetween(a.day, b.day)
  const minutes = minutesOf(start) + b.minutes - a.minutes
  const over = Math.floor(minutes / wholeDay)
  const day = addDays(localDay(start), days + over)
  const begin = new Date(momentAt(day, minutes - over * wholeDay))
  begin.setSeconds(start.getSeconds(), start.getMilliseconds())
  const text = (at: Date): string => at.toISOString().replace('.000Z', 'Z')
  const out: Record<string, string> = { [view.start!]: text(begin) }
  const end = view.end ? e.rec[view.end] : undefined
  if (!view.end || typeof end !== 'string' || !end) return out
  const until = kinds.end === 'datetime' ? moment(end) : undefined
  out[view.end] = until
    ? text(new Date(begin.getTime() + until.getTime() - start.getTime()))
    : (shifted(end, kinds.end, daysBetween(localDay(start), localDay(begin))) ?? end)
  return out
}

/** ranged puts the two ends of a drag over an empty day in order; the line where it ends counts. */
export function ranged(a: string, b: string): { day: string; from: number; to: number } | undefined {
  const [x, y] = [readPlace(a), readPlace(b)]
  if (!x || !y) return undefined
  const [from, to] = x.minutes <= y.minutes ? [x.minutes, y.minutes] : [y.minutes, x.minutes]
  return { day: x.day, from, to: to + step }
}
