import { expect, test } from 'vitest'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { addUp } from '../exact.ts'
import {
  both,
  cellId,
  cellOf,
  columnSums,
  is,
  moveTo,
  type Pages,
  placeOf,
  settled,
  stepTo,
  sumsOf,
  together,
  wayBack,
} from './board.ts'

const entity: EntityMeta = {
  name: 'order',
  title: 'order',
  actions: ['read', 'update', 'transition'],
  state_field: 'state',
  transitions: [
    { name: 'submit', title: '', from: ['draft'], to: 'sent' },
    { name: 'send', title: '', from: ['draft'], to: 'sent' },
    { name: 'withdraw', title: '', from: ['sent'], to: 'draft' },
    { name: 'close', title: '', from: ['sent'], to: 'closed' },
  ],
  fields: [
    { name: 'state', title: '', kind: 'choice', writable: false },
    { name: 'kind', title: '', kind: 'choice', writable: true },
    { name: 'place', title: '', kind: 'reference', writable: true, required: true },
  ],
}
const view = (by: string, lane?: string): ViewMeta => ({
  name: 'v',
  title: '',
  type: 'board',
  entity: 'order',
  by,
  lane,
})
const rec = (values: Record<string, unknown>, id = 'a', version = 1): Rec => ({ id, version, ...values })

test('a card moves along the transitions that lead there, one of several by choice', () => {
  const v = view('state')
  const draft = rec({ state: 'draft' })
  const to = (column: string) => moveTo(entity, v, false, draft, { column, lane: '' })
  expect(to('draft')).toBeUndefined()
  expect(to('closed')).toBeUndefined()
  expect(to('sent')).toMatchObject({ kind: 'transition', choices: [{ name: 'submit' }, { name: 'send' }] })
  const reader = { ...entity, actions: ['read' as const] }
  expect(moveTo(reader, v, false, draft, { column: 'sent', lane: '' })).toBeUndefined()
})

test('a column that is no state is a change, of the lane as well; a state changes alone', () => {
  const r = rec({ kind: 'x', place: 'p1', state: 'draft' })
  expect(moveTo(entity, view('kind', 'place'), true, r, { column: 'y', lane: 'p2' })).toEqual({
    kind: 'change',
    values: { kind: 'y', place: 'p2' },
  })
  expect(moveTo(entity, view('kind', 'place'), true, r, { column: '', lane: 'p1' })).toEqual({
    kind: 'change',
    values: { kind: null },
  })
  expect(moveTo(entity, view('kind', 'place'), true, r, { column: 'x', lane: '' })).toBeUndefined() // required
  expect(moveTo(entity, view('state', 'place'), true, r, { column: 'sent', lane: 'p2' })).toBeUndefined()
  expect(moveTo(entity, view('state', 'place'), true, r, { column: 'draft', lane: 'p2' })).toMatchObject({
    kind: 'change',
  })
})

test('there is a way back only where a transition leads back', () => {
  const v = view('state')
  const back = wayBack(entity, v, false, rec({ state: 'draft' }), rec({ state: 'sent' }))
  expect(back).toMatchObject({ choices: [{ name: 'withdraw' }] })
  expect(wayBack(entity, v, false, rec({ state: 'sent' }), rec({ state: 'closed' }))).toBeUndefined()
})

test('arrow keys step over what does not accept', () => {
  const ok = (c: { column: string }) => c.column !== 'b'
  const at = { column: 'a', lane: '1' }
  expect(stepTo(['a', 'b', 'c'], ['1', '2'], at, 'ArrowRight', ok)).toEqual({ column: 'c', lane: '1' })
  expect(stepTo(['a', 'b', 'c'], ['1', '2'], at, 'ArrowLeft', ok)).toBeUndefined()
  expect(stepTo(['a', 'b', 'c'], ['1', '2'], at, 'ArrowDown', ok)).toEqual({ column: 'a', lane: '2' })
})

test('conditions say one value, and keep their own brackets', () => {
  expect(is('state', '')).toBe('state == null')
  expect(is('name', 'a"b\\')).toBe('name == "a\\"b\\\\"')
  expect(both('a || b', '', 'c')).toBe('(a || b) && (c)')
  expect(both('a || b')).toBe('a || b')
  expect(cellOf(cellId({ column: '', lane: 'x' }))).toEqual({ column: '', lane: 'x' })
})

test('what was read anew is replaced in its place, leaves, or comes on top', () => {
  const pages: Pages = {
    pageParams: ['', 'n'],
    pages: [
      { records: [rec({ state: 'draft' }, 'a'), rec({ state: 'draft' }, 'b')], colors: { a: ['late'] } },
      { records: [rec({ state: 'draft' }, 'c')], display: { x: 'X' } },
    ],
  }
  const c = rec({ state: 'draft' }, 'c', 2)
  const d = rec({ state: 'draft' }, 'd', 2)
  const next = together(settled(pages, new Set(['a', 'c', 'd']), [c, d], { records: [c, d], colors: { d: ['late'] } }))
  expect(next.records.map((r) => `${r.id}${r.version}`)).toEqual(['d2', 'b1', 'c2'])
  expect(next.colors).toEqual({ d: ['late'] })
  expect(next.display).toEqual({ x: 'X' })
})

test('totals are exact', () => {
  expect(addUp(['0.1', '0.2'])).toBe('0.3')
  expect(addUp(['-0.50', '0.25', '9007199254740993'])).toBe('9007199254740992.75')
  expect(addUp([])).toBe('0')
  const v = view('state', 'place')
  const sums = sumsOf(v, true, {
    groups: [
      { key: { state: 'draft', place: 'p1' }, values: { count: 2, sum: '1.10' } },
      { key: { state: 'draft', place: null }, values: { count: 1, sum: '2.20' } },
      { key: { state: 'sent', place: 'p1' }, values: { count: 1, sum: null } },
    ],
  })
  expect(sums.get(cellId({ column: 'draft', lane: '' }))).toEqual({ count: 1, sum: '2.20' })
  expect(columnSums(sums, 'column').get('draft')).toEqual({ count: 3, sum: '3.30' })
  expect(columnSums(sums, 'lane').get('p1')).toEqual({ count: 3, sum: '1.10' })
  expect(placeOf(v, true, rec({ state: 'draft', place: null }))).toEqual({ column: 'draft', lane: '' })
})
