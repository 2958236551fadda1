import { expect, test } from 'vitest'
import type { ViewMeta } from '../../meta/types.ts'
import {
  addDays,
  addMonths,
  barsOf,
  daysBetween,
  type Entry,
  entryOf,
  monthDays,
  movedTo,
  onDay,
  weeksOf,
  within,
} from './calendar.ts'

const view: ViewMeta = { name: 'v', title: '', type: 'calendar', entity: 'task', start: 'begin', end: 'until' }
const dates = { start: 'date' as const, end: 'date' as const }
const entry = (id: string, from: string, to = from): Entry => ({
  rec: { id, version: 1, begin: from, until: to },
  from,
  to,
})

test('days and months are counted over leap years and ends of months', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
  expect(addMonths('2026-01-15', -1)).toBe('2025-12-15')
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2)
  expect(monthDays('2026-11-26')).toHaveLength(30)
})

test('a month is shown in whole weeks, from Monday or from Sunday', () => {
  const monday = weeksOf('2026-11-26', 1)
  expect(monday.map((w) => w[0])).toEqual([
    '2026-10-26',
    '2026-11-02',
    '2026-11-09',
    '2026-11-16',
    '2026-11-23',
    '2026-11-30',
  ])
  expect(weeksOf('2026-11-26', 0).map((w) => w[0])).toEqual([
    '2026-11-01',
    '2026-11-08',
    '2026-11-15',
    '2026-11-22',
    '2026-11-29',
  ])
  expect(weeksOf('2026-12-05', 1).at(-1)!.at(-1)).toBe('2027-01-03')
})

test('a record stands from its start to its end; an end before its start does not count', () => {
  const rec = (begin: string | null, until: string | null) => ({ id: 'a', version: 1, begin, until })
  expect(entryOf(view, dates, rec('2026-11-03', '2026-11-05'))).toMatchObject({ from: '2026-11-03', to: '2026-11-05' })
  expect(entryOf(view, dates, rec('2026-11-03', '2026-11-01'))).toMatchObject({ from: '2026-11-03', to: '2026-11-03' })
  expect(entryOf(view, dates, rec(null, '2026-11-01'))).toBeUndefined()
})

test('only what stands in the range is asked for', () => {
  expect(within(view, dates, '2026-11-01', '2026-11-30')).toBe(
    'begin < date("2026-12-01") && (begin >= date("2026-11-01") || until >= date("2026-11-01"))',
  )
  expect(within({ ...view, end: undefined }, dates, '2026-11-01', '2026-11-30')).toBe(
    'begin < date("2026-12-01") && begin >= date("2026-11-01")',
  )
})

test('moving keeps the length, and the time of day', () => {
  const e = entry('a', '2026-11-03', '2026-11-05')
  expect(movedTo(view, dates, e, '2026-11-04', '2026-11-10')).toEqual({ begin: '2026-11-09', until: '2026-11-11' })
  const at: Entry = { ...e, rec: { id: 'a', version: 1, begin: '2026-11-03T08:30:00Z', until: null } }
  expect(movedTo(view, { start: 'datetime', end: 'datetime' }, at, '2026-11-03', '2026-11-04')).toEqual({
    begin: '2026-11-04T08:30:00Z',
  })
})

test('bars of a week lie on lines, none over another', () => {
  const week = weeksOf('2026-11-04', 1)[1]!
  const bars = barsOf(
    [entry('c', '2026-11-05'), entry('a', '2026-10-30', '2026-11-03'), entry('b', '2026-11-03', '2026-11-12')],
    week,
  )
  expect(bars.map((b) => [b.entry.rec.id, b.at, b.span, b.line, b.before, b.after])).toEqual([
    ['a', 0, 2, 0, true, false],
    ['b', 1, 6, 1, false, true],
    ['c', 3, 1, 0, false, false],
  ])
  expect(onDay([entry('a', '2026-11-01', '2026-11-03')], '2026-11-03')).toHaveLength(1)
})
