import { expect, test } from 'vitest'
import { cssText, pageRule } from '../../kit/page.tsx'
import type { EntityMeta, FieldMeta, Kind, ViewMeta } from '../../meta/types.ts'
import { arrange, type Need, needOf, sharesOf } from './page.ts'
import { type LinesBlock, partsOf, planOf, together } from './paper.ts'

const need = (width: number, empty = false): Need => ({ width, whole: width, empty })

test('paper is held upright as long as the columns fit, then turned, then in small type, then cut', () => {
  const many = (n: number, width = 50) => Array.from({ length: n }, () => need(width))
  expect(arrange(many(10))).toEqual({
    orientation: 'portrait',
    small: false,
    shown: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    left: [],
  })
  expect(arrange(many(11)).orientation).toBe('landscape')
  expect(arrange(many(17))).toMatchObject({ orientation: 'landscape', small: true, left: [] })
  const cut = arrange(many(25))
  expect(cut.shown.length + cut.left.length).toBe(25)
  expect(cut.left[0]).toBe(cut.shown.length)
  expect(arrange(many(4), 'landscape').orientation).toBe('landscape')
  expect(arrange(many(12), 'portrait')).toMatchObject({ orientation: 'portrait', small: true })
})

test('columns without anything in them stay as long as there is room, to be filled in by hand', () => {
  const few = [need(100), need(100, true), need(100)]
  expect(arrange(few).shown).toEqual([0, 1, 2])
  const full = [need(300), need(100, true), need(180)]
  expect(arrange(full)).toMatchObject({ orientation: 'portrait', shown: [0, 2], left: [] })
  expect(arrange([need(50, true)]).shown).toEqual([0])
})

test('figures keep their line, texts go on in the next one and get what is left', () => {
  const long = '易碎，轻拿轻放，请当面点清数量并在送货单上签字确认'
  const text = needOf('备注', ['', long], true)
  expect(text.whole).toBeGreaterThan(text.width)
  expect(needOf('金额', ['1,234,567.89'], false).width).toBe(needOf('金额', ['1,234,567.89'], false).whole)
  expect(needOf('金额', ['1'], false, '9,999,999.99').width).toBeGreaterThan(needOf('金额', ['1'], false).width)
  expect(needOf('备注', ['', ''], true).empty).toBe(true)
  const [a, b] = sharesOf([text, need(100)], 'landscape') as [number, number]
  expect(a).toBeGreaterThan(b)
  expect(a + b).toBeLessThan(100)
})

test('whatever a record is called stays a text in the rule of the page', () => {
  expect(cssText('SO-1')).toBe('"SO-1"')
  const hostile = '"; } body { display: none } /* \n </style> \\'
  const rule = pageRule('landscape', hostile)
  expect(rule).toContain('size: A4 landscape')
  expect(rule).not.toContain('</style>')
  expect(cssText(hostile).slice(1, -1)).not.toMatch(/["\n<>]/)
})

const field = (name: string, kind: Kind = 'text', more: Partial<FieldMeta> = {}): FieldMeta => ({
  name,
  kind,
  title: name,
  writable: true,
  ...more,
})

const entity: EntityMeta = {
  name: 'sale',
  title: 'Sale',
  actions: ['read'],
  display: 'code',
  state_field: 'state',
  fields: [
    field('code'),
    field('state', 'choice'),
    field('customer'),
    field('cost', 'money'),
    field('total', 'money'),
    field('words'),
    field('secret', 'text', { masked: true }),
    field('lines', 'lines', {
      lines: [field('id'), field('item'), field('qty', 'decimal'), field('pieces', 'decimal'), field('cost', 'money')],
    }),
  ],
}

const column = (path: string, kind: Kind, more: object = {}) => ({ path, title: path, kind, ...more })

const view: ViewMeta = {
  name: 'sale_form',
  title: 'Sale',
  type: 'form',
  entity: 'sale',
  sections: [
    {
      name: 'basic',
      title: 'Basics',
      columns: 2,
      items: [{ field: 'code' }, { field: 'state' }, { field: 'customer' }, { field: 'secret' }],
    },
    {
      name: 'lines',
      title: 'Lines',
      columns: 1,
      items: [
        {
          field: 'lines',
          columns: [
            column('item', 'text'),
            column('qty', 'decimal', { total: 'sum' }),
            column('pieces', 'decimal', { conditional: true }),
            column('cost', 'money', { only: 'screen' }),
          ],
        },
      ],
    },
    {
      name: 'sums',
      title: 'Sums',
      columns: 3,
      items: [{ field: 'total' }, { field: 'words', only: 'print' }, { field: 'cost', only: 'screen' }],
    },
  ],
}

const record = {
  id: '1',
  version: 1,
  code: 'S-1',
  state: 'draft',
  customer: 'Li',
  cost: '3',
  total: '10',
  words: 'ten',
  secret: '***',
  lines: [
    { id: 'a', version: 0, item: 'Pen', qty: '1', cost: '1' },
    { id: 'b', version: 0, item: 'Ink', qty: '2.5', cost: '2' },
  ],
}

const shape = (p: ReturnType<typeof planOf>): string[] =>
  p.blocks.map((b) =>
    b.kind === 'lines' ? `${b.field.name}(${b.columns.map((c) => c.path)})` : b.items.map((i) => i.field.name).join(),
  )

test('a record is laid out as its form, without head, costs and what is hidden or veiled', () => {
  const plain = planOf(entity, view, record, [], { shown: {} })
  expect(shape(plain)).toEqual(['customer', 'lines(item,qty)', 'total,words'])
  expect(shape(planOf(entity, view, record, ['total', 'section:basic'], { shown: {} }))).toEqual([
    'lines(item,qty)',
    'words',
  ])
  expect(shape(planOf(entity, view, { ...record, customer: null }, [], { shown: {} }))[0]).toBe('lines(item,qty)')
})

test('a column that is shown under a condition is on paper where it has something', () => {
  const lines = [{ ...record.lines[0]!, pieces: '0' }, record.lines[1]!]
  expect(shape(planOf(entity, view, { ...record, lines }, [], { shown: {} }))[1]).toBe('lines(item,qty,pieces)')
})

test('somebody may have other fields and columns on paper than the document says', () => {
  const wish = { shown: { cost: true, total: false, 'lines.cost': true, 'lines.qty': false } }
  expect(shape(planOf(entity, view, record, [], wish))).toEqual(['customer', 'lines(item,cost)', 'words,cost'])
  expect(
    partsOf(entity, view)
      .filter((p) => !p.usual)
      .map((p) => p.path),
  ).toEqual(['lines.cost', 'cost'])
})

test('records that are printed together are on the same paper', () => {
  const wide = { ...view, print: undefined }
  const lines = entity.fields.find((f) => f.name === 'lines')!
  const names = Array.from({ length: 9 }, (_, i) => `n${i}`)
  const broad: EntityMeta = {
    ...entity,
    fields: [field('code'), { ...lines, lines: [field('id'), ...names.map((n) => field(n, 'number'))] }],
  }
  const row = (id: string, text: string) => ({ id, version: 0, ...Object.fromEntries(names.map((n) => [n, text])) })
  const make = (text: string) => ({ id: text, version: 1, code: text, lines: [row('a', text)] })
  const plan = (asked?: 'portrait' | 'landscape') =>
    [make('1'), make('SO20261127-0001')].map((r) => planOf(broad, undefined, r, [], { shown: {}, orientation: asked }))
  expect(plan().map((p) => p.orientation)).toEqual(['portrait', 'landscape'])
  expect(together(plan).map((p) => p.orientation)).toEqual(['landscape', 'landscape'])
  const held = planOf(entity, { ...wide, print: { orientation: 'landscape' } }, record, [], { shown: {} })
  expect(held.orientation).toBe('landscape')
  expect((held.blocks[1] as LinesBlock).left).toEqual([])
})
