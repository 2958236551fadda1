import { expect, test, vi } from 'vitest'
import { metaQuery, released } from './apps.ts'
import { queries } from './query.ts'

test('after a release an app is read until the server has followed it', async () => {
  vi.useFakeTimers()
  const key = metaQuery('shop').queryKey
  const put = (generation: number) => queries.setQueryData(key, { generation } as never)
  put(4)
  let asked = 0
  const seen: string[] = []
  vi.spyOn(queries, 'invalidateQueries').mockImplementation(async (f) => {
    const kind = String(f?.queryKey?.[0])
    if (kind === 'meta' && ++asked === 3) put(5)
    seen.push(kind)
  })
  const done = released('shop', 5)
  await vi.runAllTimersAsync()
  await done
  expect(seen).toEqual(['meta', 'meta', 'meta', 'view', 'apps'])
  seen.length = 0
  await released('shop')
  expect(seen).toEqual(['meta', 'view', 'apps'])
  seen.length = 0
  const never = released('shop', 9) // a server that doesn't come to it is not asked for ever
  await vi.runAllTimersAsync()
  await never
  expect(seen.filter((k) => k === 'meta').length).toBe(11)
  vi.useRealTimers()
})
