import type { InfiniteData } from '@tanstack/react-query'
import type { Rec, RecordList } from '../../meta/record.ts'
import type { EntityMeta, MoveMeta, ViewMeta } from '../../meta/types.ts'
import { addUp } from '../exact.ts'

/** A column or a lane of a board: the value that its cards share ('' where they have none). */
export interface Slot {
  value: string
  title: string
  color?: string
  limit?: number
}

/** A place for cards: a column, and a lane of it where the board has lanes. */
export interface Cell {
  column: string
  lane: string
}

export const cellId = (c: Cell): string => `${c.column}|${c.lane}`

/** cellOf reads an id back. Neither names of options nor ids have a bar in them. */
export function cellOf(id: string): Cell {
  const cut = id.indexOf('|')
  return { column: id.slice(0, cut), lane: id.slice(cut + 1) }
}

const textOf = (r: Rec, field: string): string => (typeof r[field] === 'string' ? (r[field] as string) : '')

/** placeOf is the cell that a record belongs to. */
export function placeOf(view: ViewMeta, lanes: boolean, r: Rec): Cell {
  return { column: textOf(r, view.by!), lane: lanes && view.lane ? textOf(r, view.lane) : '' }
}

/** is asks for one value of a field, in a filter's words. */
export const is = (field: string, value: string): string =>
  value === '' ? `${field} == null` : `${field} == ${JSON.stringify(value)}`

/** both joins conditions; empty ones don't count. */
export function both(...conditions: (string | undefined)[]): string {
  const said = conditions.filter((c): c is string => !!c)
  return said.length > 1 ? said.map((c) => `(${c})`).join(' && ') : (said[0] ?? '')
}

/** What putting a card somewhere means. */
export type Move =
  | { kind: 'transition'; choices: MoveMeta[] }
  | { kind: 'change'; values: Record<string, string | null> }

function settable(entity: EntityMeta, field: string, value: string): boolean {
  const f = entity.fields.find((x) => x.name === field)
  return !!f?.writable && entity.actions.includes('update') && !(value === '' && f.required)
}

/** moveTo says what it takes to get a card into a cell; undefined where it can't get there. */
export function moveTo(entity: EntityMeta, view: ViewMeta, lanes: boolean, r: Rec, to: Cell): Move | undefined {
  const from = placeOf(view, lanes, r)
  const across = from.column !== to.column
  const along = from.lane !== to.lane
  if (!across && !along) return undefined
  if (across && view.by === entity.state_field) {
    if (along || !entity.actions.includes('transition')) return undefined // a transition changes nothing else
    const choices = (entity.transitions ?? []).filter((m) => m.from.includes(from.column) && m.to === to.column)
    return choices.length ? { kind: 'transition', choices } : undefined
  }
  const values: Record<string, string | null> = {}
  if (across) values[view.by!] = to.column || null
  if (along) values[view.lane!] = to.lane || null
  const ok = Object.entries(values).every(([f, v]) => settable(entity, f, v ?? ''))
  return ok ? { kind: 'change', values } : undefined
}

/** stepTo is the cell that an arrow key leads to among those that accept: across columns, or along lanes. */
export function stepTo(
  columns: string[],
  lanes: string[],
  at: Cell,
  key: string,
  accepts: (c: Cell) => boolean,
): Cell | undefined {
  const sideways = key === 'ArrowLeft' || key === 'ArrowRight'
  const list = sideways ? columns : lanes
  const step = key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 1
  for (let i = list.indexOf(sideways ? at.column : at.lane) + step; i >= 0 && i < list.length; i += step) {
    const next = sideways ? { ...at, column: list[i]! } : { ...at, lane: list[i]! }
    if (accepts(next)) return next
  }
  return undefined
}

/** wayBack is the move that undoes one, once the record stands where it was moved to. */
export function wayBack(entity: EntityMeta, view: ViewMeta, lanes: boolean, before: Rec, after: Rec): Move | undefined {
  return moveTo(entity, view, lanes, after, placeOf(view, lanes, before))
}

export type Pages = InfiniteData<RecordList>

/** settled puts what was read anew where it belongs in the pages of one cell: what left is taken out, what is there is
 * replaced in its place, what came stands at the top. */
export function settled(pages: Pages, asked: ReadonlySet<string>, here: Rec[], read: RecordList): Pages {
  const known = new Map(here.map((r) => [r.id, r]))
  const [first = { records: [] }, ...more] = pages.pages.map(
    (p): RecordList => ({
      ...p,
      records: p.records.flatMap((r) => {
        if (!asked.has(r.id)) return [r]
        const now = known.get(r.id)
        known.delete(r.id)
        return now ? [now] : []
      }),
      colors: Object.fromEntries(Object.entries(p.colors ?? {}).filter(([id]) => !asked.has(id))),
    }),
  )
  const top: RecordList = {
    ...first,
    records: [...known.values(), ...first.records],
    display: { ...first.display, ...read.display },
    colors: { ...first.colors, ...read.colors },
  }
  return { ...pages, pages: [top, ...more] }
}

/** together is what the pages of a cell have, as one list. */
export function together(pages: Pages | undefined): Required<Pick<RecordList, 'records' | 'display' | 'colors'>> {
  const out: ReturnType<typeof together> = { records: [], display: {}, colors: {} }
  const seen = new Set<string>()
  for (const p of pages?.pages ?? []) {
    for (const r of p.records) if (!seen.has(r.id)) out.records.push(r)
    for (const r of p.records) seen.add(r.id) // a record that moved between two pages is in both
    Object.assign(out.display, p.display)
    Object.assign(out.colors, p.colors)
  }
  return out
}

/** What :aggregate said of one cell. */
export interface Sum {
  count: number
  sum?: string
}

export interface Groups {
  groups: { key: Record<string, string | null>; values: Record<string, number | string | null> }[]
}

/** sumsOf reads the counts and totals of cells. */
export function sumsOf(view: ViewMeta, lanes: boolean, g: Groups | undefined): Map<string, Sum> {
  const out = new Map<string, Sum>()
  for (const { key, values } of g?.groups ?? []) {
    const cell = { column: key[view.by!] ?? '', lane: lanes && view.lane ? (key[view.lane] ?? '') : '' }
    out.set(cellId(cell), {
      count: Number(values.count ?? 0),
      sum: values.sum == null ? undefined : String(values.sum),
    })
  }
  return out
}

/** columnSums adds the lanes of a column up. */
export function columnSums(sums: Map<string, Sum>, part: 'column' | 'lane'): Map<string, Sum> {
  const parts = new Map<string, { count: number; sums: string[] }>()
  for (const [id, s] of sums) {
    const at = cellOf(id)[part]
    const p = parts.get(at) ?? { count: 0, sums: [] }
    p.count += s.count
    if (s.sum !== undefined) p.sums.push(s.sum)
    parts.set(at, p)
  }
  return new Map(
    [...parts].map(([at, p]) => [at, { count: p.count, sum: p.sums.length ? addUp(p.sums) : undefined }] as const),
  )
}
