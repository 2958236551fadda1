import type { ViewMeta } from '../../meta/types.ts'

/** A key to sort by. */
export interface SortKey {
  field: string
  desc?: boolean
}

/** A column as somebody wants to have it: its place is its place in the list. */
export interface ColumnChoice {
  path: string
  width?: number
  hidden?: boolean
}

/** How a table is looked at. All of it stands in the address, so that an address shows the same to somebody else. */
export interface TableState {
  filter: string
  search: string
  sort: SortKey[]
  group: string
  columns: ColumnChoice[]
  /** A named filter of the document, or the id of a view that somebody saved. */
  saved: string
  /** Deleted records are shown in the place of the others. */
  bin: boolean
}

type Params = Record<string, string | undefined>
const nothing = '-'

/** writeSort writes keys as "code,-price". */
export const writeSort = (keys: SortKey[]): string => keys.map((k) => (k.desc ? `-${k.field}` : k.field)).join(',')

/** readSort reads what writeSort wrote. */
export const readSort = (text: string | undefined): SortKey[] =>
  (text ?? '')
    .split(',')
    .filter((x) => x.length > (x.startsWith('-') ? 1 : 0))
    .map((x) => (x.startsWith('-') ? { field: x.slice(1), desc: true } : { field: x }))

/** orderBy writes keys as the API's order_by has them. */
export const orderBy = (keys: SortKey[]): string => keys.map((k) => (k.desc ? `${k.field} desc` : k.field)).join(', ')

/** readOrder reads the API's order_by. */
export const readOrder = (text: string | undefined): SortKey[] =>
  (text ?? '')
    .split(',')
    .map((x) => x.trim().split(/\s+/))
    .filter(([field]) => !!field)
    .map(([field, way]) => (way === 'desc' ? { field: field!, desc: true } : { field: field! }))

/** writeColumns writes columns as "code:120,name,-brand", those that are hidden with a minus. */
export const writeColumns = (list: ColumnChoice[]): string =>
  list.map((c) => `${c.hidden ? '-' : ''}${c.path}${c.width ? `:${c.width}` : ''}`).join(',')

/** readColumns reads what writeColumns wrote; what makes no sense is left out. */
export function readColumns(text: string | undefined): ColumnChoice[] {
  const out: ColumnChoice[] = []
  for (const part of (text ?? '').split(',')) {
    const m = /^(-?)([A-Za-z_][\w.]*)(?::(\d{1,4}))?$/.exec(part)
    if (!m || out.some((c) => c.path === m[2])) continue
    const c: ColumnChoice = { path: m[2]! }
    if (m[1]) c.hidden = true
    if (m[3]) c.width = Number(m[3])
    out.push(c)
  }
  return out
}

/** readState reads the address. */
export function readState(p: Params, view: Pick<ViewMeta, 'group'>): TableState {
  return {
    filter: p.filter ?? '',
    search: p.search ?? '',
    sort: readSort(p.sort),
    group: p.group === nothing ? '' : (p.group ?? view.group ?? ''),
    columns: readColumns(p.columns),
    saved: p.saved ?? '',
    bin: p.bin === '1',
  }
}

/** writeState writes the address: only what differs from what the view shows by itself. */
export function writeState(s: TableState, view: Pick<ViewMeta, 'group'>): Params {
  const group = s.group === (view.group ?? '') ? undefined : s.group || nothing
  return {
    filter: s.filter || undefined,
    search: s.search || undefined,
    sort: writeSort(s.sort) || undefined,
    group,
    columns: writeColumns(s.columns) || undefined,
    saved: s.saved || undefined,
    bin: s.bin ? '1' : undefined,
  }
}

/** toggleSort puts a field's order on: rising, falling, none. With more, the other keys stay. */
export function toggleSort(keys: SortKey[], field: string, more: boolean): SortKey[] {
  const now = keys.find((k) => k.field === field)
  const next: SortKey | undefined = !now ? { field } : now.desc ? undefined : { field, desc: true }
  if (!more) return next ? [next] : []
  if (!now) return next ? [...keys, next] : keys
  return keys.flatMap((k) => (k.field === field ? (next ? [next] : []) : [k]))
}
