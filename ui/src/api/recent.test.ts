import { beforeEach, expect, test } from 'vitest'
import { gone, visited, visits } from './recent.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  Object.assign(globalThis, {
    localStorage: { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v) },
  })
})

const at = (id: string, text = id) => ({ app: 'shop', entity: 'item', id, text })

test('what was opened last stands first, once, and each person has a list of his own', () => {
  visited('ann', at('1'))
  visited('ann', at('2'))
  visited('ann', at('1', 'one'))
  expect(visits('ann').map((v) => v.text)).toEqual(['one', '2'])
  expect(visits('bob')).toEqual([])
  expect(JSON.parse(kept.get('tenon.recent.ann')!)).toHaveLength(2)
})

test('the list is bounded, and forgets what is gone', () => {
  for (let i = 0; i < 40; i++) visited('cid', at(String(i)))
  expect(visits('cid')).toHaveLength(30)
  gone('cid', at('39'))
  expect(visits('cid')[0]!.id).toBe('38')
})

test('what somebody else wrote into the store is no list', () => {
  kept.set('tenon.recent.eve', '[{"app":1}, null, "x"]')
  expect(visits('eve')).toEqual([])
  kept.set('tenon.recent.fay', '{')
  expect(visits('fay')).toEqual([])
})
