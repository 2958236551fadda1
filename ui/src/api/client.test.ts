import { expect, test, vi } from 'vitest'
import { newKey } from './client.ts'

test('every request has a key of its own, on an insecure address too', () => {
  expect(newKey()).not.toBe(newKey())
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  const keys = new Set(Array.from({ length: 100 }, newKey))
  vi.unstubAllGlobals()
  expect(keys.size).toBe(100)
  for (const k of keys) expect(k).toMatch(/^[0-9a-f]{32}$/)
})
