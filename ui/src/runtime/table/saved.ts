import { queryOptions } from '@tanstack/react-query'
import { call, path } from '../../api/client.ts'
import type { ViewMeta } from '../../meta/types.ts'
import { type ColumnChoice, orderBy, readOrder, type TableState, writeColumns } from './state.ts'

/** A way of looking at a table that somebody saved. */
export interface SavedView {
  id: string
  title: string
  shared: boolean
  mine: boolean
  owner: { id: string; name: string }
  state: { filter?: string; order_by?: string; columns?: ColumnChoice[]; group?: string; search?: string }
  broken?: { message: string }[]
}

const at = (app: string, view: string, ...more: string[]): string =>
  `/apps${path(app)}/views${path(view, 'saved', ...more)}`

export const savedQuery = (app: string, view: string) =>
  queryOptions({
    queryKey: ['saved', app, view],
    queryFn: async () => (await call<{ saved: SavedView[] }>('GET', at(app, view))).saved,
    staleTime: 60_000,
  })

const body = (s: TableState) => ({
  filter: s.filter || undefined,
  order_by: orderBy(s.sort) || undefined,
  columns: s.columns.length ? s.columns : undefined,
  group: s.group || undefined,
  search: s.search || undefined,
})

/** stateOf is a saved view as the state of a table. */
export const stateOf = (v: SavedView): TableState => ({
  filter: v.state.filter ?? '',
  search: v.state.search ?? '',
  sort: readOrder(v.state.order_by),
  group: v.state.group ?? '',
  columns: v.state.columns ?? [],
  saved: v.id,
  bin: false,
})

/** isBare is true where nothing but a saved view is asked for. */
export const isBare = (s: TableState, view: ViewMeta): boolean =>
  !s.filter && !s.search && !s.bin && s.sort.length === 0 && s.columns.length === 0 && s.group === (view.group ?? '')

/** differs is true where a table is looked at otherwise than its saved view says. */
export const differs = (s: TableState, v: SavedView): boolean => {
  const text = (x: TableState): string => JSON.stringify({ ...body(x), columns: writeColumns(x.columns) })
  return text(s) !== text(stateOf(v))
}

export const createSaved = (
  app: string,
  view: ViewMeta,
  title: string,
  shared: boolean,
  s: TableState,
): Promise<SavedView> => call('POST', at(app, view.name), { body: { title, shared, state: body(s) } })

export const updateSaved = (app: string, view: ViewMeta, id: string, s: TableState): Promise<SavedView> =>
  call('PATCH', at(app, view.name, id), { body: { state: body(s) } })

export const deleteSaved = (app: string, view: ViewMeta, id: string): Promise<void> =>
  call('DELETE', at(app, view.name, id))
