import { expect, test } from 'vitest'
import type { Department } from '../api/admin.ts'
import { below, inOrder } from './tree.ts'

const d = (id: string, parent: string | null, position = 0): Department => ({ id, name: id, parent, position })
const all = [d('shop', 'sales'), d('sales', null, 2), d('buying', null, 1), d('north', 'sales', -1), d('desk', 'shop')]

test('a tree reads from the top, each department before those below it', () => {
  expect(inOrder(all).map((p) => `${p.depth}${p.department.id}`)).toEqual([
    '0buying',
    '0sales',
    '1north',
    '1shop',
    '2desk',
  ])
})

test('a department can’t go below itself', () => {
  expect([...below(all, 'sales')].sort()).toEqual(['desk', 'north', 'sales', 'shop'])
  expect([...below(all, 'buying')]).toEqual(['buying'])
})
