import { expect, test, vi } from 'vitest'
import type { AppMeta, FieldMeta } from '../meta/types.ts'
import { inWords, scopeOf } from './words.ts'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })

const f = (name: string, title: string, more: Partial<FieldMeta> = {}): FieldMeta =>
  ({ name, title: { 'zh-CN': title }, kind: 'decimal', writable: true, ...more }) as FieldMeta
const state = f('state', '状态', { kind: 'choice', options: [{ name: 'approved', title: { 'zh-CN': '已审核' } }] })
const meta = {
  entities: [
    { name: 'unit', title: { 'zh-CN': '单位' }, fields: [f('name', '名称')] },
    {
      name: 'item',
      title: { 'zh-CN': '商品' },
      fields: [f('on_hand', '库存数量'), f('unit', '单位', { target: 'unit' })],
    },
    {
      name: 'order',
      title: { 'zh-CN': '订单' },
      fields: [
        state,
        f('total', '合计'),
        f('lines', '明细', {
          kind: 'lines',
          target: 'order_line',
          lines: [f('qty', '数量'), f('price', '单价'), f('item', '商品', { kind: 'reference', target: 'item' })],
        }),
      ],
    },
  ],
} as unknown as AppMeta
const words = (source: string, entity: string): string =>
  inWords(source, entity, meta)
    .map((w) => (w.name ? `[${w.text}]` : w.text))
    .join('')

test('a formula is told in the names that people know', () => {
  expect(words('qty * price', 'order_line')).toBe('[数量] * [单价]')
  expect(words("parent.state == 'approved' && item.unit.name != 'x'", 'order_line')).toBe(
    "[订单 · 状态] == [已审核] && [商品 · 单位 · 名称] != 'x'",
  )
  expect(words('lines.sum(l, l.qty * l.item.on_hand)', 'order')).toBe('[明细].sum(l, [数量] * [商品 · 库存数量])')
  expect(words('sumOf(order_line, o, o.item == id, o.qty)', 'item')).toBe(
    'sumOf([订单 · 明细], o, [商品] == id, [数量])',
  )
})

test('what is not known stays as it is written', () => {
  expect(words('secret + today() + qty.round(2)', 'order_line')).toBe('secret + today() + [数量].round(2)')
  expect(words("total > 0.0 // 'approved'", 'nothing')).toBe("total > 0.0 // 'approved'")
  expect(words("state in ['approved', 'other']", 'order')).toBe("[状态] in [[已审核], 'other']")
  expect(words('"qty" + price', 'order_line')).toBe('"qty" + [单价]')
})

test('the lines of a record are found by what they are of', () => {
  expect(scopeOf(meta, 'order_line')?.title).toBe('订单 · 明细')
  expect(scopeOf(meta, 'none')).toBeUndefined()
})
