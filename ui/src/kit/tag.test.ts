import { expect, test } from 'vitest'
import { paletteOf } from './tag.tsx'

test('a colour of a document is the nearest of the palette', () => {
  const cases: [string | undefined, string][] = [
    ['#8c8c8c', 'gray'],
    ['#52c41a', 'green'],
    ['#ff4d4f', 'red'],
    ['#1677ff', 'blue'],
    ['#faad14', 'orange'],
    ['#722ed1', 'purple'],
    ['#fadb14', 'yellow'],
    ['red', 'red'],
    [undefined, 'gray'],
    ['url(x)', 'gray'],
  ]
  for (const [from, to] of cases) expect(paletteOf(from), String(from)).toBe(to)
})
