import { beforeAll, expect, test } from 'vitest'
import type { AppMeta } from '../../meta/types.ts'
import { addUp, less, shareOf, sign } from '../exact.ts'
import { chartOption } from './chartOption.ts'
import { asked, concerned, keyText, periodIn, pivotOf, sentence, shapeOf, totalOf, trendOf } from './dashboard.ts'
import { filled } from './periods.ts'
import type { CardMeta, FilterMeta, RowData } from './types.ts'

beforeAll(async () => {
  const store = new Map<string, string>()
  Object.assign(globalThis, {
    localStorage: { getItem: (k: string) => store.get(k) ?? null, setItem: (k: string, v: string) => store.set(k, v) },
    document: { documentElement: {} },
  })
  await (await import('../../i18n/i18n.ts')).setLocale('en-US')
})

const card = (more: Partial<CardMeta>): CardMeta => ({
  name: 'c',
  title: 'Card',
  type: 'bar',
  entity: 'order',
  width: 6,
  height: 1,
  measures: [
    { name: 'amount', title: 'Amount', op: 'sum', kind: 'money', scale: 2, currency: 'CNY' },
    { name: 'n', title: '', op: 'count', kind: 'integer' },
  ],
  ...more,
})
const place = { path: 'place', title: 'Place', kind: 'reference' as const }
const state = { path: 'state', title: 'State', kind: 'choice' as const }
const row = (key: RowData['key'], amount: string, n = 1): RowData => ({ key, measures: { amount, n } })

test('what is reckoned is exact, and rounded half up', () => {
  expect(less('9007199254740993', '0.1')).toBe('9007199254740992.9')
  expect(sign('-0.00')).toBe(0)
  expect(shareOf('1', '8')).toBe('0.125')
  expect(shareOf('1', '3')).toBe('0.333')
  expect(shareOf('-2', '-3')).toBe('-0.667')
  expect(shareOf('1', '0.00')).toBeUndefined()
  expect(addUp(['0.1', '0.2'])).toBe('0.3')
})

test('a trend is against the period before', () => {
  expect(trendOf('120.00', '100.00')).toEqual({ way: 'up', share: '0.200' })
  expect(trendOf('75', '100')).toEqual({ way: 'down', share: '0.250' })
  expect(trendOf('5', '5.00')).toEqual({ way: 'same', share: '0.000' })
  expect(trendOf('5', '0')).toEqual({ way: 'up', share: undefined })
  expect(trendOf(null, '1')).toBeUndefined()
})

test('filters in the address are what is asked for; what is not there has its default', () => {
  const filters: FilterMeta[] = [
    { name: 'period', title: '', kind: 'period', default: 'this_month' },
    { name: 'place', title: '', kind: 'reference', entity: 'place' },
  ]
  expect(asked(filters, {})).toEqual({})
  expect(asked(filters, { f_period: 'all', f_place: 'p1', f_other: 'x' })).toEqual({ period: null, place: 'p1' })
  expect(asked(filters, { f_period: 'last_week' })).toEqual({ period: 'last_week' })
  expect(asked(filters, { f_period: '2026-01-01..2026-01-31' })).toEqual({
    period: { from: '2026-01-01', to: '2026-01-31' },
  })
  expect(asked(filters, { f_period: 'nonsense' })).toEqual({})
  expect(periodIn('2026-01-01..x')).toBeUndefined()
})

test('one key makes a series of each measure, two keys a series of each second key', () => {
  const one = shapeOf(card({ group: [place] }), [row({ place: 'a' }, '1.50', 2), row({ place: null }, '2.50', 3)])
  expect(one.categories).toEqual(['a', 'Not set'])
  expect(one.series.map((s) => [s.title, ...s.values])).toEqual([
    ['Amount', '1.50', '2.50'],
    ['Count', 2, 3],
  ])
  const rows = [row({ place: 'a', state: 'x' }, '1'), row({ place: 'b', state: 'y' }, '2')]
  const two = shapeOf(card({ type: 'stacked', group: [place, state] }), rows)
  expect(two.series.map((s) => [s.title, ...s.values])).toEqual([
    ['x', '1', undefined],
    ['y', undefined, '2'],
  ])
  expect(two.series[1]!.rows[1]).toBe(rows[1])
  expect(sentence(card({ group: [place] }), one)).toContain('Not set')
})

test('periods without data stand between the others, with nothing where things are added up', () => {
  const month = { path: 'd', title: '', kind: 'date' as const, by: 'month' as const }
  const rows = [row({ d: null }, '9', 9), row({ d: '2027-01-01' }, '2', 2), row({ d: '2026-11-01' }, '1', 1)]
  const shape = shapeOf(card({ group: [month] }), rows)
  expect(shape.categories).toEqual(['Nov 2026', 'Dec 2026', 'Jan 2027', 'Not set'])
  expect(shape.series[0]!.values).toEqual(['1', '0', '2', '9'])
  expect(shape.series[0]!.rows[1]).toBeUndefined()
  expect(filled(['2026-11-09', '2026-11-30'], 'week')).toEqual(['2026-11-09', '2026-11-16', '2026-11-23', '2026-11-30'])
  expect(filled(['1900-01-01', '2026-01-01'], 'day')).toEqual(['1900-01-01', '2026-01-01'])
  expect(filled(['2026-01-01', '2026-10-01'], 'quarter')).toHaveLength(4)
})

test('only the drawing is given numbers', () => {
  const c = card({ group: [place] })
  const shape = shapeOf(c, [row({ place: 'a' }, '9007199254740993.10')])
  const colours = { series: [], ink: '', soft: '', line: '', surface: '', font: '' }
  const o = chartOption(c, shape, colours, true) as {
    series: { data: unknown[] }[]
    tooltip: { formatter: (at: unknown) => string; renderMode: string }
  }
  expect(o.series[0]!.data).toEqual([Number('9007199254740993.10')])
  expect(o.tooltip.formatter([{ seriesIndex: 0, dataIndex: 0 }])).toContain('9,007,199,254,740,993.10')
  expect(o.tooltip.renderMode).toBe('richText')
})

test('a pivot runs its last key across, and adds up what can be added', () => {
  const rows = [row({ place: 'a', state: 'x' }, '0.10'), row({ place: 'a', state: 'y' }, '0.20')]
  const p = pivotOf(card({ type: 'pivot', group: [place, state] }), rows)
  expect(p.across.map((a) => a.text)).toEqual(['x', 'y'])
  expect(p.rows).toHaveLength(1)
  const flat = pivotOf(card({ type: 'pivot', flat: true, group: [place, state] }), rows)
  expect(flat.heads).toEqual(['Place', 'State'])
  expect(flat.across).toEqual([{ id: '', text: '' }])
  expect(flat.rows.map((r) => r.heads)).toHaveLength(2)
  const [amount] = card({}).measures!
  expect(totalOf(amount!, rows)).toBe('0.30')
  expect(totalOf({ ...amount!, op: 'avg' }, rows)).toBeUndefined()
})

test('keys of time are read as what they stand for', () => {
  const g = (by: 'month' | 'quarter' | 'year') => ({ path: 'd', title: '', kind: 'date' as const, by })
  const at = { key: { d: '2026-10-01' } }
  expect(keyText(g('month'), at)).toBe('Oct 2026')
  expect(keyText(g('quarter'), at)).toBe('Q4 2026')
  expect(keyText(g('year'), at)).toBe('2026')
})

test('an event concerns the cards over its entity, and over its lines', () => {
  const meta = {
    entities: [{ name: 'order', fields: [{ name: 'lines', kind: 'lines', target: 'order_line' }] }],
  } as unknown as AppMeta
  const cards = [card({ name: 'a' }), card({ name: 'b', entity: 'order_line' }), card({ name: 'c', entity: 'item' })]
  expect(concerned(meta, cards, 'order')).toEqual(['a', 'b'])
  expect(concerned(meta, cards, 'item')).toEqual(['c'])
})
