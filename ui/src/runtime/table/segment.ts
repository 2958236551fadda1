import type { Rec } from '../../meta/record.ts'

/** Rows that have been read and follow each other without a gap. */
export interface Block {
  start: number
  rows: Rec[]
  /** Goes on after the last row; without one nothing follows. */
  token?: string
}

/** What to read next: so many rows from a place, by the token of a block, skipping what lies between. */
export interface Ask {
  after?: Block
  skip: number
  size: number
}

type Stretch = readonly [from: number, to: number]

const firstPage = 100
const nextPage = 200 // rows, the most that the API gives at once
const mostSkipped = 100_000 // rows, the most that the API skips at once
const fewest = 20 // rows that are read to close a gap
const ahead = 40 // rows that are read before they are seen

const endOf = (b: Block): number => b.start + b.rows.length

/** Records that belong together: all of a table, or those of a group. Any part of them may have been read; what is read
 * later is joined where it meets what is there, by the records that both hold. */
export class Segment {
  readonly key: string
  /** The group's condition, value and figures; a table without groups has one segment without. */
  where?: string
  value?: unknown
  name?: string
  values?: Record<string, unknown>
  /** How many there are, as far as that is known. */
  count?: number
  open = true
  error?: unknown
  blocks: Block[] = []
  /** The read that is under way. */
  running?: Promise<void>
  /** What is to be seen, and what is to be read whole besides. */
  private wanted: Stretch = [0, 0]
  whole?: Stretch

  constructor(key: string, more: Partial<Segment> = {}) {
    this.key = key
    Object.assign(this, more)
  }

  get size(): number {
    if (!this.open) return 0
    const last = this.blocks.at(-1)
    if (!last) return this.count ?? 0
    return last.token ? Math.max(this.count ?? 0, endOf(last) + 1) : endOf(last)
  }

  /** rows are all that have been read; head those from the beginning to the first gap. */
  get rows(): Rec[] {
    return this.blocks.length === 1 ? this.blocks[0]!.rows : this.blocks.flatMap((b) => b.rows)
  }

  get head(): Rec[] {
    const [first] = this.blocks
    return first?.start === 0 ? first.rows : []
  }

  at(row: number): Rec | undefined {
    const b = this.blocks.findLast((x) => x.start <= row)
    return b?.rows[row - b.start]
  }

  placeOf(id: string): number {
    for (const b of this.blocks) {
      const i = b.rows.findIndex((r) => r.id === id)
      if (i >= 0) return b.start + i
    }
    return -1
  }

  /** lacks counts the rows of a stretch that have not been read. */
  lacks(from: number, to: number): number {
    const there = (b: Block): number => Math.max(0, Math.min(endOf(b) - 1, to) - Math.max(b.start, from) + 1)
    return this.blocks.reduce((n, b) => n - there(b), to - from + 1)
  }

  want(from: number, to: number): void {
    this.wanted = [from - ahead, to + ahead]
  }

  /** next is what to read for what is wanted; undefined when all of it is there. */
  next(): Ask | undefined {
    if (this.blocks.length === 0) return { skip: 0, size: firstPage }
    return this.nextFor(this.wanted) ?? (this.whole && this.nextFor(this.whole))
  }

  private nextFor([from, to]: Stretch): Ask | undefined {
    let at = Math.max(0, from)
    let before: Block | undefined
    let later: Block | undefined
    for (const b of this.blocks) {
      if (b.start > at) {
        later = b
        break
      }
      before = b
      at = Math.max(at, endOf(b))
    }
    if (at > Math.min(to, this.size - 1)) return undefined
    const base = before ? endOf(before) : 0
    let start = at
    if (later && later.start - at < nextPage) start = Math.max(base, later.start - nextPage + 1)
    if (start - base < nextPage) start = base
    // One row of what follows is read again: it shows that nothing lies between.
    const size = later ? Math.min(nextPage, Math.max(fewest, later.start - start + 1)) : nextPage
    if (start - base > mostSkipped) return { after: before, skip: mostSkipped, size: 1 }
    return { after: before, skip: start - base, size }
  }

  /** add puts what was read in its place. */
  add(ask: Ask, records: Rec[], token?: string): void {
    const before = ask.after && this.blocks.includes(ask.after) ? ask.after : undefined
    if (ask.after && !before) return // it has gone meanwhile; what is still wanted is asked for again
    const start = (before ? endOf(before) : 0) + ask.skip
    const grown: Block = ask.skip === 0 && before ? before : { start, rows: [] }
    if (grown !== before) this.blocks.push(grown)
    this.blocks.sort((a, b) => a.start - b.start)
    grown.token = token
    const later = this.blocks[this.blocks.indexOf(grown) + 1]
    const meets = later ? this.meets(records, later) : -1
    const joins = later && meets >= 0 && later.rows[records.length - 1 - meets]?.id === records.at(-1)?.id
    const others = new Set(this.rows.map((r) => r.id))
    const taken = joins ? records.slice(0, meets) : records
    if (later && !joins && start + records.length >= later.start) {
      // What follows stands elsewhere by now: it is read again, or moved to where it may still be met.
      if (records.some((r) => later.rows.some((x) => x.id === r.id))) {
        this.blocks = this.blocks.filter((b) => b !== later)
        for (const r of later.rows) others.delete(r.id)
      } else this.shift(later, start + records.length + 1 - later.start)
    }
    grown.rows = [...grown.rows, ...taken.filter((r) => !others.has(r.id))]
    if (joins) this.join(grown, later, records.slice(meets))
    else if (!token) this.blocks = this.blocks.slice(0, this.blocks.indexOf(grown) + 1)
  }

  /** shrink takes in that nothing was where something was asked for. */
  shrink(ask: Ask, count: number): void {
    this.count = Math.min(count, (ask.after ? endOf(ask.after) : 0) + ask.skip)
  }

  private meets(records: Rec[], later: Block): number {
    const id = later.rows[0]?.id
    return records.findIndex((r) => r.id === id)
  }

  private join(grown: Block, later: Block, anew: Rec[]): void {
    this.shift(later, endOf(grown) - later.start)
    grown.rows = [...grown.rows, ...anew, ...later.rows.slice(anew.length)]
    grown.token = later.token
    this.blocks = this.blocks.filter((b) => b !== later)
  }

  /** shift moves a block and those after it. */
  private shift(from: Block, by: number): void {
    for (const b of this.blocks.slice(this.blocks.indexOf(from))) b.start += by
  }

  /** replace puts another record in the place of one. */
  replace(row: number, rec: Rec): void {
    const b = this.blocks.findLast((x) => x.start <= row)!
    b.rows = b.rows.with(row - b.start, rec)
  }

  /** prepend puts records before all others. */
  prepend(list: Rec[]): void {
    const [first] = this.blocks
    if (first?.start !== 0) return
    const seen = new Set(this.rows.map((r) => r.id))
    const fresh = list.filter((r) => !seen.has(r.id))
    const [, second] = this.blocks
    if (second) this.shift(second, fresh.length)
    first.rows = [...fresh, ...first.rows]
    if (this.count !== undefined) this.count += fresh.length
  }

  /** drop takes records out; what comes after them moves up. */
  drop(out: Set<string>): void {
    let gone = 0
    for (const b of this.blocks) {
      b.start -= gone
      const rest = b.rows.filter((r) => !out.has(r.id))
      gone += b.rows.length - rest.length
      if (rest.length < b.rows.length) b.rows = rest
    }
    this.blocks = this.blocks.filter((b) => b.rows.length > 0)
    if (this.count !== undefined) this.count -= gone
  }
}

export const newSegment = (key: string, more: Partial<Segment> = {}): Segment => new Segment(key, more)
