import { type ListQuery, listRecords } from '../../api/records.ts'
import type { Display, Rec, RecordList } from '../../meta/record.ts'
import { among, both } from './cel.ts'

/** What a table asks for. */
export interface Question {
  app: string
  entity: string
  query: ListQuery
}

/** Records that belong together: all of them, or those of a group. */
export interface Segment {
  key: string
  /** The group's condition, value and figures; a table without groups has one segment without. */
  where?: string
  value?: unknown
  name?: string
  values?: Record<string, unknown>
  count?: number
  open: boolean
  rows: Rec[]
  token?: string
  done: boolean
  busy: boolean
  wanted: number
  error?: unknown
}

/** What stands at a place of the table. */
export type Item = { seg: Segment; row: number; rec?: Rec } | { seg: Segment; row: -1 }

const firstPage = 100
const nextPage = 200
const ahead = 40 // rows that are fetched before they are seen
const markFor = 4000 // milliseconds that a change stays marked

export const newSegment = (key: string, more: Partial<Segment> = {}): Segment => ({
  key,
  open: true,
  rows: [],
  done: false,
  busy: false,
  wanted: 0,
  ...more,
})

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

  private sizeOf(s: Segment): number {
    if (!s.open) return 0
    return s.done ? s.rows.length : Math.max(s.count ?? 0, s.rows.length + (s.rows.length ? 1 : 0))
  }

  private measure(): void {
    let at = 0
    const head = this.grouped ? 1 : 0
    this.starts = this.segments.map((s) => {
      const start = at
      at += head + this.sizeOf(s)
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
    return row < 0 ? { seg, row: -1 } : { seg, row, rec: seg.rows[row] }
  }

  recAt(index: number): Rec | undefined {
    const item = this.at(index)
    return item && 'rec' in item ? item.rec : undefined
  }

  /** placeOf finds a record that has been read. */
  placeOf(id: string): number {
    for (const [i, s] of this.segments.entries()) {
      const row = s.open ? s.rows.findIndex((r) => r.id === id) : -1
      if (row >= 0) return this.starts[i]! + (this.grouped ? 1 : 0) + row
    }
    return -1
  }

  find(id: string): Rec | undefined {
    for (const s of this.segments) {
      const r = s.rows.find((x) => x.id === id)
      if (r) return r
    }
    return undefined
  }

  /** need reads what stands between two places, as far as it has not been read. */
  need(from: number, to: number): void {
    for (let i = from; i <= to; i++) {
      const item = this.at(i)
      if (!item || item.row < 0) continue
      const want = Math.min(item.row + ahead, Math.max(0, this.sizeOf(item.seg) - 1))
      if (want > item.seg.wanted || item.seg.rows.length === 0) {
        item.seg.wanted = Math.max(item.seg.wanted, want)
        void this.fill(item.seg)
      }
    }
  }

  /** fill reads page after page until what is wanted is there. */
  async fill(s: Segment): Promise<void> {
    if (s.busy || s.done || s.error) return
    s.busy = true
    try {
      while (!s.done && (s.rows.length === 0 || s.rows.length <= s.wanted)) {
        const size = s.rows.length === 0 ? firstPage : nextPage
        const page = await this.read({ page_size: size, page_token: s.token }, s.where)
        const seen = new Set(s.rows.map((r) => r.id))
        s.rows = [...s.rows, ...page.records.filter((r) => !seen.has(r.id))]
        s.token = page.next_page_token
        s.done = !s.token
        this.changed()
      }
    } catch (e) {
      if (!this.stopped.signal.aborted) s.error = e
    }
    s.busy = false
    this.changed()
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
    const page = await listRecords(app, entity, { ...query, filter, page_size: nextPage }, this.stopped.signal)
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
      const at = s.rows.findIndex((r) => r.id === next.id)
      if (at < 0) continue
      const old = s.rows[at]!
      const differs = Object.keys(next).filter((k) => JSON.stringify(next[k]) !== JSON.stringify(old[k]))
      s.rows = s.rows.with(at, { ...old, ...next })
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
    const seen = new Set(first.rows.map((r) => r.id))
    first.rows = [...list.filter((r) => !seen.has(r.id)), ...first.rows]
    if (first.count !== undefined) first.count += list.length
    for (const r of list) this.mark(r.id, new Set(Object.keys(r)))
    this.changed()
    this.refresh(list.map((r) => r.id)).catch(() => {}) // versions have moved; shown as they were until then
  }

  /** drop takes records out. */
  drop(ids: string[]): void {
    const out = new Set(ids)
    for (const s of this.segments) {
      const rest = s.rows.filter((r) => !out.has(r.id))
      if (rest.length === s.rows.length) continue
      if (s.count !== undefined) s.count -= s.rows.length - rest.length
      s.rows = rest
    }
    for (const id of ids) {
      this.gone.delete(id)
      this.fresh.delete(id)
    }
    this.changed()
  }
}
