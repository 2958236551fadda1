import { expect, test } from 'vitest'
import type { AppMeta, EntityMeta, FieldMeta } from '../../meta/types.ts'
import { type Line, newLine } from './lines.ts'
import { scannable, scanned, take } from './scan.ts'

const field = (name: string, kind: FieldMeta['kind'], more: Partial<FieldMeta> = {}): FieldMeta => ({
  name,
  title: name,
  kind,
  writable: true,
  ...more,
})
const entity = (name: string, fields: FieldMeta[]): EntityMeta => ({ name, title: name, actions: ['read'], fields })
const meta = {
  entities: [
    entity('item', [field('code', 'text'), field('barcode', 'barcode')]),
    entity('crate', [field('units', 'lines', { lines: [field('barcode', 'barcode')] })]),
    entity('secret', [field('barcode', 'barcode', { masked: true })]),
    entity('goods_receipt', [field('code', 'number')]),
  ],
} as unknown as AppMeta
const ref = field('item', 'reference', { target: 'item', required: true })
const qty = field('qty', 'decimal', { required: true })
const column = (f: FieldMeta, total?: string) => ({ path: f.name, field: f, total })

test('only what bears a barcode, itself or on its lines, can be scanned', () => {
  expect(['item', 'crate', 'secret', 'goods_receipt', 'nothing'].map((e) => scannable(meta, e))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

test('lines are scanned by what they are about', () => {
  const receipt = field('goods_receipt', 'reference', { target: 'goods_receipt', required: true })
  const names = (f: ReturnType<typeof scanned>) => f && [f.ref.name, f.qty?.name]
  expect(names(scanned(meta, [column(ref), column(qty)]))).toEqual(['item', 'qty'])
  expect(scanned(meta, [column(receipt), column(ref), column(qty)])).toBeUndefined()
  expect(scanned(meta, [column({ ...ref, writable: false }), column(qty)])).toBeUndefined()
})

test('what is counted is what somebody has to enter', () => {
  const book = field('book_qty', 'decimal', { required: true, preset: true })
  const least = field('min_qty', 'decimal', { required: true, preset: true })
  const one = field('pieces', 'integer', { preset: true })
  expect(scanned(meta, [column(ref), column(book), column(qty)])?.qty?.name).toBe('qty')
  expect(scanned(meta, [column(ref), column(least)])?.qty).toBeUndefined()
  expect(scanned(meta, [column(ref), column(least), column(one, 'sum')])?.qty?.name).toBe('pieces')
})

const what = { ref, qty }
const bottle = { id: 'i1', display: 'Water', set: { unit: { id: 'u1', display: 'bottle' } } }
const crate = {
  id: 'i1',
  display: 'Water',
  via: { field: 'units', id: 'l1' },
  set: { unit: { id: 'u2', display: 'case' } },
}
const seen = (rows: Line[]) => rows.map((l) => [l.item, l.unit, l.qty])

test('a case and a bottle of one item are counted apart', () => {
  let rows: Line[] = []
  const counts: unknown[] = []
  for (const o of [crate, crate, bottle, crate, bottle]) {
    const done = take(rows, what, o)
    rows = done.rows
    counts.push([done.at, done.count])
  }
  expect(seen(rows)).toEqual([
    ['i1', 'u2', '3'],
    ['i1', 'u1', '2'],
  ])
  expect(counts).toEqual([
    [0, '1'],
    [0, '2'],
    [1, '1'],
    [0, '3'],
    [1, '2'],
  ])
})

test('where lines have no unit a case is not counted as one', () => {
  const first = take([], what, { ...crate, set: undefined })
  expect([seen(first.rows), first.count]).toEqual([[['i1', undefined, undefined]], undefined])
  const again = take(first.rows, what, { ...crate, set: undefined })
  expect([again.rows === first.rows, again.at, again.count]).toEqual([true, 0, undefined])
})

test('a line that nobody has filled in is used', () => {
  const done = take([newLine({ item: 'i9' }), newLine()], what, { id: 'i1', display: 'Water' })
  expect([seen(done.rows), done.at]).toEqual([
    [
      ['i9', undefined, undefined],
      ['i1', undefined, '1'],
    ],
    1,
  ])
})
