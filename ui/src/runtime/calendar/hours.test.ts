import { expect, test } from 'vitest'
import type { Kind, ViewMeta } from '../../meta/types.ts'
import { addDays, type Entry, entryOf } from './calendar.ts'
import { abreast, lineOf, momentAt, piecesOf, placeOf, ranged, readPlace, shiftedTo, spanOf, stepped } from './hours.ts'

// Moments are written on this device's clock, so that the tests hold in every zone.
const day = '2026-11-25'
const days = [day, addDays(day, 1), addDays(day, 2)]
const at = (minutes: number, of = day): string => momentAt(of, minutes)
const view: ViewMeta = { name: 'v', title: '', type: 'calendar', entity: 'visit', start: 'begin', end: 'until' }
const kinds: { start: Kind; end: Kind } = { start: 'datetime', end: 'datetime' }
const entry = (id: string, begin: string, until: string | null = null): Entry =>
  entryOf(view, kinds, { id, version: 1, begin, until })!
const laid = (entries: Entry[], on = days) =>
  piecesOf(view, kinds, entries, on).map((p) => [p.entry.rec.id, p.day.slice(8), p.from, p.to, p.lane, p.lanes])

test('an entry stands from its start to its end; without one, for an hour', () => {
  expect(laid([entry('a', at(570), at(645)), entry('b', at(780)), entry('c', at(900), at(840))])).toEqual([
    ['a', '25', 570, 645, 0, 1],
    ['b', '25', 780, 840, 0, 1],
    ['c', '25', 900, 960, 0, 1],
  ])
  expect(laid([entry('short', at(570), at(571))])).toEqual([['short', '25', 570, 590, 0, 1]])
  expect(laid([entry('late', at(1435), at(1439))])).toEqual([['late', '25', 1435, 1440, 0, 1]])
})

test('what overlaps, one through another, stands side by side; the longer comes first', () => {
  expect(
    laid([
      entry('c', at(600), at(660)),
      entry('b', at(540), at(570)),
      entry('a', at(540), at(630)),
      entry('d', at(660), at(720)),
      entry('e', at(690), at(700)),
    ]),
  ).toEqual([
    ['a', '25', 540, 630, 0, 2],
    ['b', '25', 540, 570, 1, 2],
    ['c', '25', 600, 660, 1, 2],
    ['d', '25', 660, 720, 0, 2],
    ['e', '25', 690, 710, 1, 2],
  ])
  const three = [entry('a', at(0), at(90)), entry('b', at(30), at(60)), entry('c', at(40), at(50))]
  expect(laid(three).map((p) => [p[4], p[5]])).toEqual([
    [0, 3],
    [1, 3],
    [2, 3],
  ])
})

test('where more overlap than can be read, the rest is counted, stretch by stretch', () => {
  const entries = [
    entry('a', at(540), at(720)),
    entry('b', at(540), at(720)),
    entry('c', at(550), at(580)),
    entry('d', at(560), at(600)),
    entry('e', at(660), at(700)),
    entry('alone', at(780), at(840)),
    entry('next', at(540, days[1]), at(600, days[1])),
  ]
  const pieces = piecesOf(view, kinds, entries, days)
  const { shown, crowds } = abreast(pieces, 2)
  expect(shown.map((p) => [p.entry.rec.id, p.lane, p.lanes, !!p.crowded])).toEqual([
    ['a', 0, 2, true],
    ['b', 1, 2, true],
    ['alone', 0, 1, false],
    ['next', 0, 1, false],
  ])
  expect(crowds).toEqual([
    { day, from: 550, to: 600, count: 2 },
    { day, from: 660, to: 700, count: 1 },
  ])
  expect(abreast(pieces, 4)).toEqual({ shown: pieces, crowds: [] })
})

test('over midnight an entry stands on both days, but not on one that it only reaches', () => {
  const over = piecesOf(view, kinds, [entry('a', at(1380), at(60, days[1]))], days)
  expect(over.map((p) => [p.day, p.from, p.to, p.before, p.after])).toEqual([
    [days[0], 1380, 1440, false, true],
    [days[1], 0, 60, true, false],
  ])
  const until = piecesOf(view, kinds, [entry('b', at(1380), at(1440))], days)
  expect(until.map((p) => [p.day, p.from, p.to, p.after])).toEqual([[days[0], 1380, 1440, false]])
  expect(laid([entry('c', at(1380), at(60, days[1]))], [days[1]!])).toEqual([['c', '26', 0, 60, 0, 1]])
})

test('what lasts a day or longer, or ends on a date, is of whole days', () => {
  expect(spanOf(view, kinds, entry('a', at(600), at(600, days[1])))).toBeUndefined()
  expect(spanOf(view, kinds, entry('a', at(600), at(599, days[1])))).toBeDefined()
  const dated = { start: 'datetime', end: 'date' } as const
  const e = (until: string): Entry => entryOf(view, dated, { id: 'a', version: 1, begin: at(600), until })!
  expect(spanOf(view, dated, e(days[2]!))).toBeUndefined()
  expect(spanOf(view, dated, e(day))).toBeDefined()
  const pure = { start: 'date', end: 'date' } as const
  expect(spanOf(view, pure, entryOf(view, pure, { id: 'a', version: 1, begin: day, until: null })!)).toBeUndefined()
})

test('an entry moves by lines, keeps its odd minutes and lasts as long', () => {
  const e = entry('a', at(550), at(640))
  expect(shiftedTo(view, kinds, e, placeOf(day, 540), placeOf(days[1]!, 600))).toEqual({
    begin: at(610, days[1]),
    until: at(700, days[1]),
  })
  const late = entry('a', at(1410), at(1470))
  expect(shiftedTo(view, kinds, late, placeOf(day, 1410), placeOf(days[1]!, 0))).toEqual({
    begin: at(0, days[1]),
    until: at(60, days[1]),
  })
  // Taken by what stands of it on the next day, it moves as a whole.
  expect(shiftedTo(view, kinds, late, placeOf(days[1]!, 0), placeOf(day, 1380))).toEqual({
    begin: at(1350),
    until: at(1410),
  })
  expect(shiftedTo(view, kinds, entry('b', at(600)), placeOf(day, 600), placeOf(day, 540))).toEqual({ begin: at(540) })
  const dated = { start: 'datetime', end: 'date' } as const
  const d = entryOf(view, dated, { id: 'a', version: 1, begin: at(600), until: day })!
  expect(shiftedTo(view, dated, d, placeOf(day, 600), placeOf(days[2]!, 660))).toEqual({
    begin: at(660, days[2]),
    until: days[2],
  })
})

test('arrow keys go by lines and days, over midnight too', () => {
  expect(stepped(placeOf(day, 540), 'ArrowDown')).toBe(`${day}T09:30`)
  expect(stepped(placeOf(day, 540), 'ArrowUp')).toBe(`${day}T08:30`)
  expect(stepped(placeOf(day, 0), 'ArrowUp')).toBe('2026-11-24T23:30')
  expect(stepped(placeOf(day, 1410), 'ArrowDown')).toBe('2026-11-26T00:00')
  expect(stepped(placeOf(day, 540), 'ArrowRight')).toBe('2026-11-26T09:00')
  expect(lineOf(day, 559)).toBe(`${day}T09:00`)
  expect(lineOf(day, 1440)).toBe(`${day}T23:30`)
  expect(readPlace(day)).toBeUndefined()
})

test('a drag over an empty day is a range, upwards as downwards', () => {
  expect(ranged(placeOf(day, 540), placeOf(day, 600))).toEqual({ day, from: 540, to: 630 })
  expect(ranged(placeOf(day, 600), placeOf(days[1]!, 540))).toEqual({ day, from: 540, to: 630 })
  expect(ranged(placeOf(day, 540), placeOf(day, 540))).toEqual({ day, from: 540, to: 570 })
  expect(ranged(day, placeOf(day, 540))).toBeUndefined()
})
