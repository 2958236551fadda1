import { expect, test } from 'vitest'
import type { Rec } from '../../meta/record.ts'
import { type Ask, newSegment, type Segment } from './segment.ts'

const names = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `r${from + i}`)
const recs = (ids: string[]): Rec[] => ids.map((id) => ({ id, version: 1 }))

/** A list on a server: pages by token and by skipping, as the API gives them. */
class Server {
  ids: string[]
  asked = 0
  constructor(n: number) {
    this.ids = names(0, n)
  }
  /** A token names the record that it goes on after. */
  page(ask: Ask): { records: Rec[]; token?: string } {
    this.asked++
    const token = ask.after?.token
    const after = token ? this.ids.indexOf(token) : -1
    const from = after + 1 + ask.skip
    const ids = this.ids.slice(from, from + ask.size)
    return { records: recs(ids), token: from + ask.size < this.ids.length ? ids.at(-1) : undefined }
  }
  fill(s: Segment): void {
    for (let ask = s.next(), n = 0; ask; ask = s.next(), n++) {
      expect(n, 'asks without end').toBeLessThan(200)
      const page = this.page(ask)
      if (page.records.length === 0 && ask.skip > 0) s.shrink(ask, this.ids.length)
      else s.add(ask, page.records, page.token)
    }
  }
}

function shown(s: Segment, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => s.at(from + i)?.id ?? '-')
}

function opened(n: number): { on: Server; s: Segment; see: (from: number, to: number) => string[] } {
  const on = new Server(n)
  const s = newSegment('', { count: n })
  on.fill(s)
  const see = (from: number, to: number): string[] => {
    s.want(from, to - 1)
    on.fill(s)
    return shown(s, from, to)
  }
  return { on, s, see }
}

test('from anywhere to anywhere with a request or two', () => {
  const { on, s, see } = opened(20_000)
  const places = [19_970, 10_000, 0, 5_000, 19_000, 10_100]
  for (const [i, at] of places.entries()) {
    expect(see(at, at + 30)).toEqual(names(at, at + 30))
    expect(on.asked, `after ${i + 1} jumps`).toBeLessThanOrEqual(2 + i)
  }
  expect(s.size).toBe(20_000)
  expect(s.lacks(0, 19_999)).toBe(20_000 - s.rows.length)
})

test('what is read meets what is there, and nothing stands twice', () => {
  const { on, s, see } = opened(1000)
  see(970, 1000)
  for (let at = 940; at >= 0; at -= 30) expect(see(at, at + 30)).toEqual(names(at, at + 30))
  expect(s.blocks).toHaveLength(1)
  expect(s.rows.map((r) => r.id)).toEqual(names(0, 1000))
  expect(on.asked).toBeLessThanOrEqual(8)
})

test('a list of a million is hopped over', () => {
  const { on, s, see } = opened(1_000_000)
  expect(see(999_970, 1_000_000)).toEqual(names(999_970, 1_000_000))
  expect(on.asked).toBeLessThanOrEqual(12)
  expect(see(899_990, 900_020)).toEqual(names(899_990, 900_020))
  expect(s.size).toBe(1_000_000)
})

test('records that came or went in a gap meanwhile move what follows it', () => {
  for (const change of ['came', 'went'] as const)
    for (const many of [1, 5, 90]) {
      const { on, s, see } = opened(600)
      see(570, 600)
      if (change === 'came') on.ids.splice(300, 0, ...Array.from({ length: many }, (_, i) => `new${i}`))
      else on.ids.splice(300, many)
      for (let at = 540; at >= 0; at -= 30) see(at, at + 30)
      see(0, s.size)
      expect(
        s.rows.map((r) => r.id),
        `${many} ${change}`,
      ).toEqual(on.ids)
      expect(s.blocks).toHaveLength(1)
    }
})

test('a list that has become shorter than thought ends where it ends', () => {
  const { on, s, see } = opened(20_000)
  on.ids.length = 7000
  see(19_970, 20_000)
  expect(see(6970, 7000)).toEqual(names(6970, 7000))
  expect(s.size).toBe(7000)
  const all = opened(300)
  all.on.ids.length = 100
  all.see(250, 300)
  expect(all.s.size).toBe(100)
})

test('what is taken out moves the rest up, what is put back moves it down', () => {
  const { on, s, see } = opened(2000)
  see(1970, 2000)
  see(1000, 1030)
  s.drop(new Set(['r5', 'r1001']))
  on.ids = on.ids.filter((id) => id !== 'r5' && id !== 'r1001')
  expect([s.placeOf('r6'), s.placeOf('r1010'), s.placeOf('r1999'), s.size]).toEqual([5, 1008, 1997, 1998])
  see(0, s.size)
  expect(s.rows.map((r) => r.id)).toEqual(on.ids)
  s.prepend(recs(['r5', 'r6']))
  expect([s.at(0)?.id, s.at(1)?.id, s.size]).toEqual(['r5', 'r0', 1999])
})

test('a record that was changed and stands elsewhere now is not shown twice', () => {
  const { on, s, see } = opened(2000)
  see(1970, 2000)
  on.ids = ['r1980', ...on.ids.filter((id) => id !== 'r1980')] // it is still shown where it was
  see(1700, 1730)
  see(0, s.size)
  const ids = s.rows.map((r) => r.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(ids)).toEqual(new Set(on.ids))
})

test('all of a stretch is read where it is asked for whole', () => {
  const { on, s, see } = opened(3000)
  see(2970, 3000)
  s.whole = [0, 2999]
  on.fill(s)
  expect(s.lacks(0, 2999)).toBe(0)
  expect(s.rows.map((r) => r.id)).toEqual(on.ids)
})
