import { expect, test, vi } from 'vitest'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, FieldMeta } from '../../meta/types.ts'
import type { Answer } from './answer.ts'
import { Evaluator } from './evaluator.ts'
import { type LineColumn, telling } from './layout.ts'
import { cells, change, increment, type Line, move, sum } from './lines.ts'
import { merge } from './merge.ts'
import { readRange } from './pasteLines.ts'
import { FormStore } from './store.ts'

const field = (name: string, more: Partial<FieldMeta> = {}): FieldMeta => ({
  name,
  title: name,
  kind: 'text',
  writable: true,
  ...more,
})
const columns = [
  field('item'),
  field('qty', { kind: 'decimal' }),
  field('amount', { kind: 'money', writable: false, computed: true }),
]
const entity: EntityMeta = {
  name: 'order',
  title: 'Order',
  actions: ['read', 'update', 'create'],
  fields: [
    field('supplier', { required: true }),
    field('note'),
    field('price', { kind: 'money' }),
    field('lines', { kind: 'lines', lines: columns }),
    field('total', { kind: 'money', writable: false }),
  ],
}
const answer = (values: Record<string, unknown>, more: Partial<Answer> = {}): Answer => ({
  values,
  hidden: [],
  required: [],
  readonly: [],
  diagnostics: [],
  ...more,
})
const base: Rec = {
  id: 'r1',
  version: 1,
  supplier: 'a',
  note: 'n',
  price: '1.00',
  lines: [
    { id: 'l1', item: 'x', qty: '1.0000', amount: '1.00' },
    { id: 'l2', item: 'y', qty: '2.0000', amount: '2.00' },
  ],
  total: '3.00',
}

test('what the entity requires stays required, whatever conditions say besides', () => {
  const s = new FormStore(entity, undefined)
  s.take(answer({}, { required: ['note'] }), s.patch().sent)
  expect(['supplier', 'note', 'price'].map((n) => s.get(n).required)).toEqual([true, true, false])
})

test('only what was touched is sent, and an answer never overwrites it', () => {
  const s = new FormStore(entity, undefined)
  s.set('note', 'typed')
  const l = s.addLine('lines', 0)
  expect(s.patch().values).toEqual({ note: 'typed' })
  s.setLines('lines', change(s.lines('lines'), l.$key, 'qty', '2'))
  const { values, sent } = s.patch()
  expect(values).toEqual({ note: 'typed', lines: [{ qty: '2' }] })
  s.take(
    answer({ note: 'other', supplier: 'given', lines: [{ id: 'z', qty: '2.0000', amount: '5.00' }], total: '5.00' }),
    sent,
  )
  expect(s.get('note').value).toBe('typed')
  expect(s.get('supplier').value).toBe('given')
  expect(s.lines('lines')[0]).toMatchObject({ qty: '2', amount: '5.00' })
  expect(s.lines('lines')[0]!.id).toBeUndefined()
  expect(s.patch().values).toEqual({ note: 'typed', lines: [{ qty: '2' }] })
})

test('lines that were moved or removed since the question keep their own values', () => {
  const s = new FormStore(entity, base)
  s.setLines('lines', change(s.lines('lines'), 'l1', 'qty', '9'))
  const { sent } = s.patch()
  s.setLines('lines', move(s.lines('lines'), 'l1', 1))
  s.take(
    answer({
      lines: [
        { id: 'l1', item: 'x', qty: '9.0000', amount: '9.00' },
        { id: 'l2', item: 'y', qty: '2.0000', amount: '2.00' },
      ],
    }),
    sent,
  )
  expect(s.lines('lines').map((l) => [l.$key, l.qty, l.amount])).toEqual([
    ['l2', '2.0000', '2.00'],
    ['l1', '9', '9.00'],
  ])
  expect(s.patch().values.lines).toEqual([{ id: 'l2' }, { id: 'l1', qty: '9' }])
})

test('a line that is begun while the engine answers an earlier question stays, in its place', () => {
  const fresh = new FormStore(entity, undefined)
  const { sent } = fresh.patch()
  const begun = fresh.addLine('lines', 0)
  fresh.take(answer({ lines: [] }), sent)
  expect(fresh.lines('lines')).toEqual([begun])

  const s = new FormStore(entity, base)
  const between = s.addLine('lines', 1)
  s.take(answer({ lines: [base.lines as Record<string, unknown>[], { id: 'l3', item: 'z', qty: '3' }].flat() }), sent)
  expect(s.lines('lines').map((l) => l.$key)).toEqual(['l1', between.$key, 'l2', 'l3'])
})

test('only who looks at a changed field is told', () => {
  const s = new FormStore(entity, base)
  const note = vi.fn()
  const supplier = vi.fn()
  s.on('note', note)
  s.on('supplier', supplier)
  const before = s.get('supplier')
  s.set('note', 'x')
  expect(note).toHaveBeenCalledTimes(1)
  expect(supplier).not.toHaveBeenCalled()
  expect(s.get('supplier')).toBe(before)
})

test('findings stand at their fields; those about what has changed meanwhile wait', () => {
  const s = new FormStore(entity, base)
  s.set('note', 'x')
  s.setLines('lines', change(s.lines('lines'), 'l2', 'qty', '-1'))
  const { sent } = s.patch()
  s.set('note', 'y')
  s.take(
    answer(
      {},
      {
        diagnostics: [
          { pointer: '/values/note', code: 'a', message: 'bad note' },
          { pointer: '/values/lines/1/qty', code: 'b', message: 'bad qty' },
          { pointer: '/values/supplier', code: 'c', message: 'hm', severity: 'warning' },
        ],
      },
    ),
    sent,
  )
  expect(s.get('note').error).toBeUndefined()
  expect(s.lineError('lines', 'l2', 'qty')).toBe('bad qty')
  expect(s.allWarnings()).toEqual(['hm'])
  s.refuse([{ pointer: '/supplier', code: 'x', message: 'needed' }], '', s.patch().sent)
  expect(s.get('supplier').error).toBe('needed')
  expect(s.scold).toBe(true)
})

test('answers are taken in order: an earlier one that comes late is dropped', async () => {
  const s = new FormStore(entity, base)
  const open: { done: (a: Answer) => void; signal: AbortSignal }[] = []
  const e = new Evaluator(s, (_v, _c, signal) => new Promise((done) => open.push({ done, signal })))
  const first = e.now()
  const second = e.now()
  expect(open[0]!.signal.aborted).toBe(true)
  open[1]!.done(answer({ total: '2' }))
  await second
  open[0]!.done(answer({ total: '1' }))
  await first
  expect(s.get('total').value).toBe('2')
})

test('many keys make one question', async () => {
  vi.useFakeTimers()
  const s = new FormStore(entity, base)
  const ask = vi.fn(() => Promise.resolve(answer({})))
  const e = new Evaluator(s, ask)
  for (let i = 0; i < 5; i++) {
    e.poke()
    vi.advanceTimersByTime(100)
  }
  expect(ask).not.toHaveBeenCalled()
  vi.advanceTimersByTime(60)
  expect(ask).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
  await e.settled()
})

test('three versions are merged: what only one changed is taken, what both changed is asked', () => {
  const mine = { supplier: 'mine', note: 'n', price: '2.0' }
  const theirs: Rec = { ...base, version: 2, supplier: 'theirs', note: 'new', price: '2.00' }
  const m = merge(entity.fields, base, mine, theirs)
  expect(m.theirs).toEqual(['supplier', 'note', 'price'])
  expect(m.conflicts.map((c) => c.path)).toEqual(['supplier', 'note'])
  expect(m.resolve({ supplier: 'mine', note: 'theirs' })).toEqual({ supplier: 'mine', price: '2.0' })
})

test('lines are merged line by line, field by field', () => {
  const mine: Line[] = [
    { $key: 'l1', id: 'l1', $touched: ['qty'], item: 'x', qty: '5' },
    { $key: 'l2', id: 'l2', $touched: ['item'], item: 'w', qty: '2.0000' },
    { $key: 'n1', $touched: ['item'], item: 'new' },
  ]
  const theirs: Rec = {
    ...base,
    lines: [
      { id: 'l1', item: 'x2', qty: '7.0000' },
      { id: 'l3', item: 'added', qty: '1.0000' },
    ],
  }
  const m = merge(entity.fields, base, { lines: mine }, theirs)
  expect(m.conflicts.map((c) => c.path)).toEqual(['lines/l1/qty', 'lines/l2'])
  const out = m.resolve({ 'lines/l1/qty': 'mine', 'lines/l2': 'theirs' }).lines as Line[]
  expect(out.map((l) => [l.id, l.item, l.qty, l.$touched])).toEqual([
    ['l1', 'x2', '5', ['qty']],
    [undefined, 'new', undefined, ['item']],
    ['l3', 'added', '1.0000', []],
  ])
  const back = m.resolve({ 'lines/l1/qty': 'theirs', 'lines/l2': 'mine' }).lines as Line[]
  expect(back[0]).toMatchObject({ id: 'l1', qty: '7.0000', $touched: [] })
  expect(back[1]).toMatchObject({ id: undefined, item: 'w', $touched: ['item', 'qty'] })
})

test('ranges of a spreadsheet are read cell by cell', () => {
  expect(cells('a\tb\r\n1\t2\r\n')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ])
  expect(cells('"x\ny"\t"say ""hi"""\n5" pipe\t')).toEqual([
    ['x\ny', 'say "hi"'],
    ['5" pipe', ''],
  ])
})

test('columns are added up exactly, and a scan adds one', () => {
  const rows: Line[] = [
    { $key: 'a', $touched: [], qty: '0.1' },
    { $key: 'b', $touched: [], qty: '0.2' },
    { $key: 'c', $touched: [], qty: null },
  ]
  expect(sum(rows, 'qty')).toBe('0.3')
  expect(sum(rows, 'none')).toBeUndefined()
  expect(increment(rows, 'b', 'qty')[1]).toMatchObject({ qty: '1.2', $touched: ['qty'] })
  expect(increment(rows, 'c', 'qty')[2]).toMatchObject({ qty: '1' })
})

test('a pasted range fills in what it says, and leaves the rest to the defaults', async () => {
  const asked: string[] = []
  const columns = [field('item', { kind: 'reference' }), field('unit'), field('qty', { kind: 'decimal' })]
  const { rows, odd } = await readRange(cells('A\t\t1,000\nA\tbox\tx'), columns, (_f, text) => {
    asked.push(text)
    return Promise.resolve({ id: 'id-a', display: 'Item A' })
  })
  expect(rows).toEqual([
    { item: 'id-a', qty: '1000' },
    { item: 'id-a', unit: 'box' },
  ])
  expect(odd).toEqual(['x'])
  expect(asked).toEqual(['A'])
})

test('a card of a line shows what tells it apart before what it comes to, and what is blank not at all', () => {
  const column = (name: string, more: Partial<FieldMeta>, total?: 'sum'): LineColumn => ({
    path: name,
    title: name,
    kind: more.kind ?? 'text',
    total,
    field: field(name, more),
  })
  const all = [
    column('unit', { kind: 'reference', required: true, preset: true }),
    column('factor', { kind: 'decimal', required: true, preset: true }),
    column('qty', { kind: 'decimal', required: true }, 'sum'),
    column('stock', { kind: 'decimal', computed: true }),
    column('price', { kind: 'money', required: true, preset: true }),
    column('discount', { kind: 'percent', required: true, preset: true }),
    column('net', { kind: 'money', computed: true }, 'sum'),
    column('tax', { kind: 'money', computed: true }, 'sum'),
    column('amount', { kind: 'money', computed: true }, 'sum'),
    column('cost', { kind: 'money', computed: true }, 'sum'),
    column('batch', { choices: 'suggest' }),
    column('note', {}),
  ]
  const line = Object.fromEntries(all.map((c) => [c.path, 'x']))
  const names = (l: Record<string, unknown>): string[] => telling(all, l).map((c) => c.path)
  expect(names({ ...line, cost: null })).toEqual(['unit', 'qty', 'price', 'net', 'tax', 'amount', 'batch'])
  expect(names({ unit: 'x', factor: '1', qty: '', note: 'x' })).toEqual(['unit', 'factor'])
})
