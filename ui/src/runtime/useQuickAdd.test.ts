import { expect, test, vi } from 'vitest'
import type { EntityMeta } from '../meta/types.ts'

vi.mock('../kit/toast.tsx', () => ({ toast: () => {}, toastProblem: () => {} }))
const { missing } = await import('./useQuickAdd.tsx')

const field = (name: string, kind: 'text' | 'lines' = 'text', writable = true) => ({ name, title: '', kind, writable })
const entity: EntityMeta = {
  name: 'x',
  title: '',
  actions: ['create'],
  display: 'name',
  fields: [field('name'), field('code'), field('lines', 'lines'), field('total', 'text', false)],
}
const at = (...pointers: string[]) => pointers.map((pointer) => ({ pointer, severity: 'error' as const }))

test('a short form asks for what is missing, and for the name', () => {
  expect(missing(entity, {}, at('/values/code'))).toEqual(['name', 'code'])
  expect(missing(entity, { name: 'a' }, at('/values/code'))).toEqual(['code'])
  expect(missing(entity, {}, [{ pointer: '/values/code', severity: 'warning' }])).toEqual(['name'])
})

test('what a short form cannot ask for needs the whole form', () => {
  expect(missing(entity, {}, at('/values/lines'))).toBeUndefined()
  expect(missing(entity, {}, at('/values/lines/0/item'))).toBeUndefined()
  expect(missing(entity, {}, at('/values/total'))).toBeUndefined()
  expect(missing(entity, {}, at(''))).toBeUndefined()
  expect(missing(entity, { name: 'a' }, [])).toBeUndefined()
})
