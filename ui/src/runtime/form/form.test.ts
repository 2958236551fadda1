import { expect, test } from 'vitest'
import type { FieldMeta } from '../../meta/types.ts'
import { durationText, moveDay, readDay, readDuration, readTime } from './dates.ts'
import { columnsOf, sectionsOf } from './layout.ts'
import { around, newLine } from './lines.ts'
import { add, percentText, readDecimal, readPercent, same, shift, trim } from './text.ts'

test('decimals are read as they are typed, exactly', () => {
  const cases: [string, string | null | undefined][] = [
    ['', null],
    ['  ', null],
    ['12', '12'],
    ['1,234.50', '1234.50'],
    ['１２．５', '12.5'],
    ['￥1，200', '1200'],
    ['-¥3', '-3'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-0', '0'],
    ['007', '7'],
    ['123456789012345678.123456', '123456789012345678.123456'],
    ['1e5', undefined],
    ['abc', undefined],
    ['.', undefined],
    ['1.2.3', undefined],
    ['--1', undefined],
  ]
  for (const [typed, want] of cases) expect(readDecimal(typed), typed).toBe(want)
})

test('a percentage moves the point in the text', () => {
  const cases: [string, string | null | undefined][] = [
    ['5 %', '0.05'],
    ['5％', '0.05'],
    ['5', '0.05'],
    ['12.5', '0.125'],
    ['100%', '1'],
    ['-3', '-0.03'],
    ['0.1', '0.001'],
    ['0', '0'],
    ['', null],
    ['x', undefined],
  ]
  for (const [typed, want] of cases) expect(readPercent(typed), typed).toBe(want)
  for (const share of ['0.05', '0.125', '1', '-0.03', '12.34', '0']) expect(readPercent(percentText(share))).toBe(share)
  expect(percentText('0.1300')).toBe('13')
  expect(shift('1234.5', 2)).toBe('123450')
})

test('sums and comparisons stay exact', () => {
  expect(add('0.1', '0.2')).toBe('0.3')
  expect(add('9007199254740993', '0.01')).toBe('9007199254740993.01')
  expect(add('-1.50', '1.5')).toBe('0.00')
  expect(add('-2', '0.5')).toBe('-1.5')
  expect(trim('1.5000')).toBe('1.5')
  expect(trim('100')).toBe('100')
  expect(same('1.50', '1.5')).toBe(true)
  expect(same('1.50', '1.51')).toBe(false)
})

test('dates are read in every form that people type', () => {
  const now = '2026-11-26'
  const cases: [string, string | null | undefined][] = [
    ['', null],
    ['11-26', now],
    ['1126', now],
    ['11/5', '2026-11-05'],
    ['今天', now],
    ['today', now],
    ['明天', '2026-11-27'],
    ['昨天', '2026-11-25'],
    ['+30', '2026-12-26'],
    ['-1', '2026-11-25'],
    ['26', now],
    ['2026年1月5日', '2026-01-05'],
    ['1月5号', '2026-01-05'],
    ['20270228', '2027-02-28'],
    ['270228', '2027-02-28'],
    ['27.2.28', '2027-02-28'],
    ['２０２７－０２－２８', '2027-02-28'],
    ['2-30', undefined],
    ['13-01', undefined],
    ['hello', undefined],
    ['1-2-3-4', undefined],
  ]
  for (const [typed, want] of cases) expect(readDay(typed, now), typed).toBe(want)
  expect(moveDay('2024-02-28', 1)).toBe('2024-02-29')
})

test('times and lengths of time', () => {
  const times: [string, string | null | undefined][] = [
    ['8', '08:00:00'],
    ['830', '08:30:00'],
    ['0830', '08:30:00'],
    ['8:30', '08:30:00'],
    ['8点30', '08:30:00'],
    ['8pm', '20:00:00'],
    ['12am', '00:00:00'],
    ['20:15:30', '20:15:30'],
    ['25:00', undefined],
    ['', null],
  ]
  for (const [typed, want] of times) expect(readTime(typed), typed).toBe(want)
  const lengths: [string, string | null | undefined][] = [
    ['1:30', 'PT1H30M'],
    ['90', 'PT1H30M'],
    ['1h30m', 'PT1H30M'],
    ['1小时30分钟', 'PT1H30M'],
    ['2天', 'PT48H'],
    ['PT45S', 'PT45S'],
    ['0', 'PT0S'],
    ['1x', undefined],
    ['', null],
  ]
  for (const [typed, want] of lengths) expect(readDuration(typed), typed).toBe(want)
  expect(durationText('PT1H5M')).toBe('1:05')
  expect(durationText('PT26H0M7S')).toBe('26:00:07')
})

test('what a form shows on one medium alone is not on the other', () => {
  const field = (name: string, more: object = {}) => ({
    name,
    title: {},
    kind: 'text' as const,
    writable: true,
    ...more,
  })
  const lines = field('lines', { kind: 'lines', lines: [field('item'), field('cost'), field('seal')] })
  const entity = { name: 'e', title: {}, actions: [], fields: [field('a'), field('b'), lines] }
  const column = (path: string, only?: 'screen' | 'print') => ({ path, title: {}, kind: 'text' as const, only })
  const columns = [column('item'), column('cost', 'screen'), column('seal', 'print')]
  const view = {
    name: 'f',
    title: {},
    type: 'form' as const,
    entity: 'e',
    sections: [
      { name: 's', title: {}, columns: 1, items: [{ field: 'a', only: 'print' as const }, { field: 'b' }] },
      { name: 'inside', title: {}, columns: 1, items: [{ field: 'a', only: 'screen' as const }] },
    ],
  }
  const shown = (on?: 'screen' | 'print') => sectionsOf(entity, view, on).map((s) => s.items.map((i) => i.field).join())
  expect(shown()).toEqual(['b', 'a'])
  expect(shown('print')).toEqual(['a,b'])
  expect(columnsOf(lines, columns).map((c) => c.path)).toEqual(['item', 'cost'])
  expect(columnsOf(lines, columns, 'print').map((c) => c.path)).toEqual(['item', 'seal'])
})

test('a line that nobody has filled in has its place for who asks what may be chosen in it', () => {
  const field = (name: string, more: Partial<FieldMeta> = {}): FieldMeta => ({
    name,
    title: name,
    kind: 'text',
    writable: true,
    ...more,
  })
  const lines = field('lines', { kind: 'lines', lines: [field('item'), field('qty')] })
  const saved = { id: 'l1', $key: 'l1', $touched: ['qty'], item: 'a', qty: '2' }
  const blank = newLine()
  expect(around({ supplier: 's' }, [saved, blank], lines, blank.$key)).toEqual({
    values: { supplier: 's', lines: [{ id: 'l1', qty: '2' }, {}] },
    line: 1,
  })
  expect(around({}, [blank], lines, blank.$key)).toEqual({ values: { lines: [{}] }, line: 0 })
})
