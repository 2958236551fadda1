import { type ListQuery, listRecords } from '../../api/records.ts'
import type { Display, Rec, RecordList } from '../../meta/record.ts'
import { among, both } from './cel.ts'
import { type Ask, newSegment, type Segment } from './segment.ts'

/** What a table asks for. */
export interface Question {
  app: string
  entity: string
  query: ListQuery
}

/** What stands at a place of the table. */
export type Item = { seg: Segment; row: number; rec?: Rec } | { seg: Segment; row: -1 }

const onePage = 200 // records that are read anew at once
export const mostWhole = 5000 // rows that are read for what is done to all of them
const markFor = 4000 // milliseconds that a change stays marked

/** Model holds the records of a table that have been read, page by page, and what has happened to them since. */
export class Model {
  readonly ask: Question
  segments: Segment[]
  readonly colors = new Map<string, string[]>()
  readonly display: Display = {}
  /** Fields that somebody has just changed, by record. */
  readonly marks = new Map<string, Set<string>>()
  /** Records that no longer belong here, shown until the table is read anew. */
  readonly gone = new Set<string>()
  /** New records that are not shown yet. */
  readonly fresh = new Set<string>()
  /** Fields whose values are being worked out just now. */
  computing: string[] = []
  stamp = 0
  private starts: number[] = []
  private readonly listeners = new Set<() => void>()
  private readonly stopped = new AbortController()

  constructor(ask: Question, segments: Segment[] = [newSegment('')]) {
    this.ask = ask
    this.segments = segments
    this.measure()
  }

  subscribe = (f: () => void): (() => void) => {
    this.listeners.add(f)
    return () => this.listeners.delete(f)
  }

  changed(): void {
    this.measure()
    this.stamp++
    for (const f of this.listeners) f()
  }

  get grouped(): boolean {
    return this.segments.some((s) => s.where !== undefined)
  }

  private measure(): void {
    let at = 0
    const head = this.grouped ? 1 : 0
    this.starts = this.segments.map((s) => {
      const start = at
      at += head + s.size
      return start
    })
    this.starts.push(at)
  }

  /** length is how many places there are, heads of groups included. */
  get length(): number {
    return this.starts[this.segments.length] ?? 0
  }

  /** at is what stands at a place. */
  at(index: number): Item | undefined {
    let low = 0
    let high = this.segments.length - 1
    while (low < high) {
      const mid = (low + high + 1) >> 1
      if (this.starts[mid]! <= index) low = mid
      else high = mid - 1
    }
    const seg = this.segments[low]
    if (!seg || index >= this.length) return undefined
    const row = index - this.starts[low]! - (this.grouped ? 1 : 0)
    return row < 0 ? { seg, row: -1 } : { seg, row, rec: seg.at(row) }
  }

  recAt(index: number): Rec | undefined {
    const item = this.at(index)
    return item && 'rec' in item ? item.rec : undefined
  }

  /** placeOf finds a record that has been read. */
  placeOf(id: string): number {
    for (const [i, s] of this.segments.entries()) {
      const row = s.open ? s.placeOf(id) : -1
      if (row >= 0) return this.starts[i]! + (this.grouped ? 1 : 0) + row
    }
    return -1
  }

  find(id: string): Rec | undefined {
    for (const s of this.segments) {
      const row = s.placeOf(id)
      if (row >= 0) return s.at(row)
    }
    return undefined
  }

  /** within lists the segments that lie between two places, and which of their rows. */
  private within(from: number, to: number): { seg: Segment; rows: [number, number] }[] {
    const head = this.grouped ? 1 : 0
    return this.segments.flatMap((seg, i) => {
      const start = this.starts[i]! + head
      const rows: [number, number] = [Math.max(from - start, 0), Math.min(to - start, seg.size - 1)]
      return rows[0] <= rows[1] ? [{ seg, rows }] : []
    })
  }

  /** need reads what stands between two places, as far as it has not been read, and no more of what was needed before. */
  need(from: number, to: number): void {
    for (const { seg, rows } of this.within(from, to)) {
      seg.want(...rows)
      void this.fill(seg)
    }
  }

  /** whole reads all rows between two places. It is false where they are too many, or can't be read. */
  async whole(from: number, to: number): Promise<boolean> {
    if (to - from >= mostWhole) return false
    for (const { seg, rows } of this.within(from, to)) {
      seg.whole = rows
      while (seg.next() && !seg.error && !this.stopped.signal.aborted) await this.fill(seg)
      seg.whole = undefined
      if (seg.error || this.stopped.signal.aborted) return false
    }
    return true
  }

  /** lacks counts the rows between two places that have not been read. */
  lacks(from: number, to: number): number {
    return this.within(from, to).reduce((n, { seg, rows }) => n + seg.lacks(...rows), 0)
  }

  /** fill reads page after page until what is wanted is there. */
  fill(s: Segment): Promise<void> {
    if (!s.running && !s.error && s.next())
      s.running = this.run(s).finally(() => {
        s.running = undefined
        this.changed()
      })
    return s.running ?? Promise.resolve()
  }

  private async run(s: Segment): Promise<void> {
    try {
      for (let ask = s.next(); ask; ask = s.next()) {
        const query = { page_size: ask.size, page_token: ask.after?.token, skip: ask.skip || undefined }
        const page = await this.read(query, s.where)
        if (page.records.length === 0 && ask.skip > 0) await this.recount(s, ask)
        else s.add(ask, page.records, page.next_page_token)
        this.changed()
      }
    } catch (e) {
      if (!this.stopped.signal.aborted) s.error = e
    }
  }

  /** recount asks how many there are, where there were fewer than was thought. */
  private async recount(s: Segment, ask: Ask): Promise<void> {
    const { count = 0 } = await this.read({ page_size: 1, count: 'exact' }, s.where)
    s.shrink(ask, count)
  }

  /** retry reads on after a failure. */
  retry(): void {
    for (const s of this.segments) {
      if (!s.error) continue
      s.error = undefined
      void this.fill(s)
    }
  }

  private async read(more: ListQuery, where?: string): Promise<RecordList> {
    const { app, entity, query } = this.ask
    const filter = both(query.filter, where)
    const page = await listRecords(app, entity, { ...query, ...more, filter }, this.stopped.signal)
    this.learn(page)
    return page
  }

  private learn(page: RecordList): void {
    Object.assign(this.display, page.display)
    this.computing = page.computing ?? []
    for (const r of page.records) {
      this.fresh.delete(r.id)
      const names = page.colors?.[r.id]
      if (names) this.colors.set(r.id, names)
      else this.colors.delete(r.id)
    }
  }

  /** stop ends what is being read. */
  stop(): void {
    this.stopped.abort()
  }

  /** refresh reads some records anew, as this table shows them: those that are here are changed in place, the others are
   * offered as new. */
  async refresh(ids: string[]): Promise<void> {
    const { page_token: _, ...query } = this.ask.query
    const { app, entity } = this.ask
    const filter = both(query.filter, among(ids))
    const page = await listRecords(app, entity, { ...query, filter, page_size: onePage }, this.stopped.signal)
    this.learn(page)
    const found = new Set<string>()
    for (const r of page.records) {
      found.add(r.id)
      if (!this.put(r)) this.fresh.add(r.id)
      this.gone.delete(r.id)
    }
    for (const id of ids) {
      if (found.has(id)) continue
      this.fresh.delete(id)
      if (this.find(id)) this.gone.add(id)
    }
    this.changed()
  }

  /** put changes a record in place and marks what differs. It is false for one that has not been read. */
  put(next: Rec): boolean {
    for (const s of this.segments) {
      const at = s.placeOf(next.id)
      if (at < 0) continue
      const old = s.at(at)!
      const differs = Object.keys(next).filter((k) => JSON.stringify(next[k]) !== JSON.stringify(old[k]))
      s.replace(at, { ...old, ...next })
      this.mark(next.id, new Set(differs))
      return true
    }
    return false
  }

  private mark(id: string, fields: Set<string>): void {
    if (fields.size === 0) return
    this.marks.set(id, fields)
    setTimeout(() => {
      if (this.marks.get(id) === fields) this.marks.delete(id)
      this.changed()
    }, markFor)
  }

  /** putBack shows records again that were taken out, at the top, where they can be seen. */
  putBack(list: Rec[]): void {
    const [first] = this.segments
    if (!first) return
    first.prepend(list)
    for (const r of list) this.mark(r.id, new Set(Object.keys(r)))
    this.changed()
    this.refresh(list.map((r) => r.id)).catch(() => {}) // versions have moved; shown as they were until then
  }

  /** drop takes records out. */
  drop(ids: string[]): void {
    const out = new Set(ids)
    for (const s of this.segments) s.drop(out)
    for (const id of ids) {
      this.gone.delete(id)
      this.fresh.delete(id)
    }
    this.changed()
  }
}
