import { expect, test } from 'vitest'
import { deviceOf, isPhone } from './agent.ts'

test('devices are named as their owners know them', () => {
  const edge =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0'
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
  expect(deviceOf(edge)).toBe('Edge · Windows')
  expect(deviceOf(phone)).toBe('Safari · iPhone')
  expect(deviceOf('curl/8.0')).toBe('curl')
  expect(deviceOf('')).toBe('')
  expect([isPhone(edge), isPhone(phone)]).toEqual([false, true])
})
