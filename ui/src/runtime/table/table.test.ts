import { beforeAll, expect, test } from 'vitest'
import { Problem } from '../../api/problem.ts'
import { setLocale } from '../../i18n/i18n.ts'
import type { AppMeta, FieldMeta, ViewMeta } from '../../meta/types.ts'
import { both, equals, nextMonth } from './cel.ts'
import { type Column, columnsOf, entryFacts, factsOf, spread } from './columns.ts'
import { Model } from './model.ts'
import { readCell } from './paste.ts'
import { boxOf, extend, move } from './range.ts'
import { newSegment } from './segment.ts'
import { orderBy, readColumns, readOrder, readSort, readState, toggleSort, writeColumns, writeState } from './state.ts'
import { readTSV, writeTSV } from './tsv.ts'
import { byRecord } from './write.ts'

beforeAll(async () => {
  const kept = new Map<string, string>()
  globalThis.localStorage = {
    getItem: (k: string) => kept.get(k) ?? null,
    setItem: (k: string, v: string) => kept.set(k, v),
  } as never
  globalThis.document = { documentElement: {} } as never
  await setLocale('zh-CN')
})

test('a range goes to a spreadsheet and back', () => {
  const rows = [
    ['a', 'b "c"', ''],
    ['two\nlines', 'tab\there', '5" pipe'],
  ]
  expect(readTSV(writeTSV(rows))).toEqual(rows)
  expect(readTSV('1\t2\r\n3\t4\r\n')).toEqual([
    ['1', '2'],
    ['3', '4'],
  ])
  expect(readTSV('x\ny\tz')).toEqual([
    ['x', ''],
    ['y', 'z'],
  ])
  expect(readTSV('5" pipe\t"q"')).toEqual([['5" pipe', 'q']])
  expect(readTSV('one\n\ntwo')).toEqual([['one'], [''], ['two']])
  expect(readTSV('')).toEqual([['']])
})

test('the keys move within the grid, and shift extends from the anchor', () => {
  const b = { rows: 100, cols: 6, page: 20 }
  const at = { row: 10, col: 2 }
  expect(move(at, 'ArrowDown', false, b)).toEqual({ row: 11, col: 2 })
  expect(move(at, 'ArrowDown', true, b)).toEqual({ row: 99, col: 2 })
  expect(move(at, 'ArrowUp', true, b)).toEqual({ row: 0, col: 2 })
  expect(move({ row: 0, col: 2 }, 'ArrowUp', false, b)).toEqual({ row: -1, col: 2 })
  expect(move(at, 'PageDown', false, b)).toEqual({ row: 30, col: 2 })
  expect(move({ row: 95, col: 2 }, 'PageDown', false, b)).toEqual({ row: 99, col: 2 })
  expect(move(at, 'Home', false, b)).toEqual({ row: 10, col: 0 })
  expect(move(at, 'End', true, b)).toEqual({ row: 99, col: 5 })
  expect(move({ row: 0, col: 5 }, 'ArrowRight', false, b)).toEqual({ row: 0, col: 5 })
  expect(move(at, 'x', false, b)).toBeUndefined()
  const r = extend({ anchor: at, head: at }, { row: 7, col: 4 }, true)
  expect(boxOf(r)).toEqual({ top: 7, bottom: 10, left: 2, right: 4 })
  expect(extend(r, { row: 3, col: 3 }, false)).toEqual({ anchor: { row: 3, col: 3 }, head: { row: 3, col: 3 } })
})

test('every state is in the address, and only what differs from the view', () => {
  const view = { group: 'category' } as ViewMeta
  const s = {
    filter: 'price > 10',
    search: 'water',
    sort: [{ field: 'code', desc: true }, { field: 'supplier.name' }],
    group: '',
    columns: [{ path: 'code', width: 120 }, { path: 'supplier.name' }, { path: 'brand', hidden: true }],
    saved: 'low',
    bin: true,
  }
  expect(readState(writeState(s, view), view)).toEqual(s)
  const plain = readState({}, view)
  expect(plain.group).toBe('category')
  expect(Object.values(writeState(plain, view)).filter(Boolean)).toEqual([])
  expect(readSort('-,a,-b,')).toEqual([{ field: 'a' }, { field: 'b', desc: true }])
  expect(readColumns('a:5x,b,b,-c:90,<x>,d:99999')).toEqual([{ path: 'b' }, { path: 'c', hidden: true, width: 90 }])
  expect(readColumns(writeColumns(s.columns))).toEqual(s.columns)
  expect(readOrder(orderBy(s.sort))).toEqual(s.sort)
})

test('a click on a head sorts rising, falling, not at all; with shift the other keys stay', () => {
  const one = toggleSort([], 'a', false)
  expect(one).toEqual([{ field: 'a' }])
  expect(toggleSort(one, 'a', false)).toEqual([{ field: 'a', desc: true }])
  expect(toggleSort([{ field: 'a', desc: true }], 'a', false)).toEqual([])
  expect(toggleSort(one, 'b', false)).toEqual([{ field: 'b' }])
  const two = toggleSort(one, 'b', true)
  expect(two).toEqual([{ field: 'a' }, { field: 'b' }])
  expect(toggleSort(two, 'a', true)).toEqual([{ field: 'a', desc: true }, { field: 'b' }])
})

test('conditions of groups say exactly who is in them', () => {
  expect(both('a || b', '', 'c')).toBe('(a || b) && (c)')
  expect(both('a', undefined)).toBe('a')
  expect(equals('supplier', 'reference', 'x"y')).toBe('supplier == "x\\"y"')
  expect(equals('supplier', 'reference', null)).toBe('supplier == null')
  expect(equals('on', 'date', '2026-12-01')).toBe('on >= date("2026-12-01") && on < date("2027-01-01")')
  expect(nextMonth('2026-09-01')).toBe('2026-10-01')
  expect(equals('active', 'boolean', false)).toBe('active == false')
  expect(equals('n', 'integer', 3)).toBe('n == 3')
})

const field = (kind: FieldMeta['kind'], more: Partial<FieldMeta> = {}): FieldMeta => ({
  name: 'f',
  title: 'f',
  kind,
  writable: true,
  ...more,
})

test('what is pasted becomes what the API speaks, decimals to the last digit', () => {
  expect(readCell(field('money'), '¥1,234.5600')).toBe('1234.5600')
  expect(readCell(field('decimal'), '12345678901234567890.12')).toBe('12345678901234567890.12')
  expect(readCell(field('decimal'), 'many')).toBeUndefined()
  expect(readCell(field('integer'), '1,200')).toBe(1200)
  expect(readCell(field('integer'), '1.5')).toBeUndefined()
  expect(readCell(field('boolean'), '是')).toBe(true)
  expect(readCell(field('boolean'), 'perhaps')).toBeUndefined()
  expect(readCell(field('date'), '2026-11-26')).toBe('2026-11-26')
  expect(readCell(field('text'), '')).toBeNull()
  const options = [{ name: 'raw', title: { 'zh-CN': '原料', 'en-US': 'Raw' } }]
  expect(readCell(field('choice', { options }), '原料')).toBe('raw')
  expect(readCell(field('choice', { options }), 'Raw')).toBe('raw')
  expect(readCell(field('choice', { options }), 'other')).toBeUndefined()
})

const meta = {
  app: 'shop',
  entities: [
    {
      name: 'item',
      title: 'Item',
      actions: ['read'],
      display: 'name',
      fields: [
        field('text', { name: 'id' }),
        field('text', { name: 'name' }),
        field('reference', { name: 'unit', target: 'unit' }),
        field('money', { name: 'price', writable: false }),
        field('text', { name: 'note' }),
      ],
    },
    { name: 'unit', title: 'Unit', actions: ['read'], display: 'name', fields: [field('text', { name: 'name' })] },
  ],
  views: [],
} as unknown as AppMeta
const view = {
  name: 'items',
  entity: 'item',
  columns: [
    { path: 'unit.name', title: 'Unit', kind: 'text', width: 90 },
    { path: 'name', title: 'Name', kind: 'text', fixed: true },
    { path: 'price', title: 'Price', kind: 'money' },
  ],
} as unknown as ViewMeta

test('columns are as chosen; fixed ones come first; a name over a reference edits the reference', () => {
  const list = columnsOf(meta, view, [])
  expect(list.map((c) => c.path)).toEqual(['name', 'unit.name', 'price'])
  expect(list.map((c) => c.edit?.name)).toEqual(['name', 'unit', undefined])
  const own = columnsOf(meta, view, [{ path: 'note', width: 10 }, { path: 'price', hidden: true }, { path: 'gone' }])
  expect(own.map((c) => [c.path, c.width])).toEqual([['note', 56]])
  const wide = Array.from({ length: 30 }, (_, i) => ({ ...list[2]!, path: `c${i}`, width: 100 }))
  expect(spread(wide, 1000, 500)).toEqual({ from: 9, to: 16, offset: 900 })
})

test('a column has room for values of a set length and for the words of its colours, unless somebody drew it', () => {
  const coloured = {
    ...view,
    columns: [
      { path: 'due', title: 'Due', kind: 'date', width: 90 },
      { path: 'state', title: 'State', kind: 'choice', width: 90, options: [{ value: 'open', title: '待审核' }] },
    ],
    colors: [
      { name: 'late', field: 'due', title: '逾期未到', color: 'red', when: 'late' },
      { name: 'open', field: 'state', title: '待审核', color: 'yellow', when: 'open' },
    ],
  } as unknown as ViewMeta
  const widthsOf = (v: ViewMeta, drawn?: number) =>
    columnsOf(meta, v, drawn ? [{ path: 'due', width: drawn }] : []).map((c) => c.width)
  expect(widthsOf({ ...coloured, colors: [] })).toEqual([118, 90])
  expect(widthsOf(coloured)).toEqual([118 + 4 * 13 + 16, 90])
  expect(widthsOf(coloured, 70)).toEqual([70])
})

test('a card on a phone tells its first facts, and what it comes to', () => {
  const col = (path: string, kind: string, total?: string) => ({ path, kind, total }) as unknown as Column
  const list = [
    col('customer', 'text'),
    col('place', 'text'),
    col('day', 'date'),
    col('due', 'date'),
    col('net', 'money', 'sum'),
    col('total', 'money', 'sum'),
    col('cost', 'money', 'sum'),
  ]
  const rec = { id: '1', version: 1, customer: 'A', place: '', day: '2025-03-01', due: '2025-03-02', net: '9.5' }
  const told = (more: object) => factsOf(list, { ...rec, ...more }).map((c) => c.path)
  expect(told({ place: 'B', total: '10.74', cost: '9' })).toEqual(['customer', 'place', 'day', 'total'])
  expect(told({ total: '10.74' })).toEqual(['customer', 'day', 'due', 'net'])
})

test('a card of an entry of a ledger says of what, how much, and how much there is then', () => {
  const col = (path: string, kind = 'text') => ({ path, kind, title: path }) as unknown as Column
  const list = ['seq', 'verb', 'item.code', 'item.full_name', 'warehouse.name', 'batch_no', 'quantity', 'value']
    .concat('running_quantity', 'running_value', 'day')
    .map((p) => col(p))
  const expanded = { item: { code: 'F01', full_name: '薯片' }, warehouse: { name: '中心仓' } }
  const entry = {
    id: '1',
    version: 1,
    seq: 3,
    day: '2025-03-01',
    verb: 'in',
    quantity: '5',
    running_quantity: '9',
    expanded,
  }
  const told = (more: object) => entryFacts(list, { ...entry, ...more } as never).map((c) => c.path)
  const always = ['day', 'verb', 'item.full_name', 'warehouse.name', 'quantity']
  expect(told({})).toEqual([...always, 'running_quantity'])
  expect(told({ value: '7' })).toEqual([...always, 'value', 'running_quantity'])
})

const rec = (id: string | number) => ({ id: String(id), version: 1 })

test('places of groups: heads, rows that are read, rows that are still to come', () => {
  const m = new Model({ app: 'a', entity: 'e', query: {} }, [
    newSegment('x', { where: 'x', count: 3, blocks: [{ start: 0, rows: [rec('1'), rec('2')], token: 't' }] }),
    newSegment('y', { where: 'y', count: 2, open: false }),
    newSegment('z', { where: 'z', count: 1, blocks: [{ start: 0, rows: [rec('9')] }] }),
  ])
  expect(m.length).toBe(1 + 3 + 1 + 1 + 1)
  expect(m.at(0)?.row).toBe(-1)
  expect(m.recAt(2)?.id).toBe('2')
  expect(m.at(3)).toMatchObject({ row: 2, rec: undefined })
  expect(m.lacks(0, 6)).toBe(1)
  expect(m.at(4)).toMatchObject({ row: -1, seg: { key: 'y' } })
  expect(m.placeOf('9')).toBe(6)
  m.drop(['1'])
  expect(m.placeOf('2')).toBe(1)
  m.put({ id: '9', version: 2, name: 'new' })
  expect([...(m.marks.get('9') ?? [])]).toEqual(['version', 'name'])
  expect(m.put(rec('7'))).toBe(false)
})

test('what a batch was refused for is told by record and field', () => {
  const e = new Problem(422, {
    errors: [
      { pointer: '/operations/1/update/values/price', code: 'x', message: 'too low' },
      { pointer: '/operations/0', code: 'y', message: 'not there' },
    ],
  })
  const found = byRecord(e, [{ delete: { id: 'a' } }, { update: { id: 'b', values: {} } }])
  expect(Object.fromEntries(found)).toEqual({ b: { price: 'too low' }, a: { '': 'not there' } })
})
