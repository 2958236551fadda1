import { expect, test } from 'vitest'
import type { AppMeta, FieldMeta } from '../../meta/types.ts'
import { newLine } from './lines.ts'
import { asOption } from './options.ts'
import type { ScanColumn } from './scan.ts'
import { addSeveral, severalOf } from './several.ts'

const f = (name: string, more: Partial<FieldMeta> = {}): FieldMeta =>
  ({ name, kind: 'reference', writable: true, ...more }) as FieldMeta
const column = (field: FieldMeta): ScanColumn => ({ path: field.name, field })
const meta = { entities: [{ name: 'item', fields: [f('code', { kind: 'barcode' })] }] } as unknown as AppMeta

test('several are chosen of what stands first, and of what bears codes', () => {
  const order = f('order_line', { target: 'order_line' })
  const item = f('item', { target: 'item', required: true })
  expect(severalOf(meta, [order, item, f('unit')].map(column))).toEqual([order, item])
  expect(severalOf(meta, [item].map(column))).toEqual([item])
  expect(severalOf(meta, [f('note', { kind: 'text' }), f('account')].map(column))).toEqual([])
  expect(severalOf(meta, [f('partner', { writable: false })].map(column))).toEqual([])
  expect(severalOf(meta, [{ path: 'item.category', field: f('category') }])).toEqual([])
})

test('how much of a choice is open stands before what else is told of it', async () => {
  const line = f('order_line', { open: { 'zh-CN': '未出库' } })
  const o = { id: 'a', display: 'A', detail: '单价 3', open: '1200.5' }
  expect(asOption(line, o).detail).toBe('未出库 1,200.5 \u00b7 单价 3')
  expect(asOption(f('order_line'), o).detail).toBe('单价 3')
  expect(asOption(line, { id: 'a', display: 'A', open: '0' }).detail).toBe('未出库 0')
  expect(asOption(line, { id: 'a', display: 'A' }).detail).toBeUndefined()
})

test('a line for each is added behind what is filled in, and none twice', () => {
  const rows = [newLine({ item: 'a' }), newLine()]
  const next = addSeveral(rows, f('item'), [
    { id: 'a', display: 'A' },
    { id: 'b', display: 'B', set: { unit: { id: 'u', display: '箱' } } },
  ])
  expect(next.map((l) => [l.item, l.unit])).toEqual([
    ['a', undefined],
    ['b', 'u'],
  ])
  expect(next[1]!.$touched).toEqual(['item', 'unit'])
})
