import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { listRecords, verbPath } from '../../api/records.ts'
import { expandOf } from '../../meta/record.ts'
import type { ViewMeta } from '../../meta/types.ts'
import type { Column } from './columns.ts'
import type { Question } from './model.ts'
import { orderBy, type TableState } from './state.ts'

/** A group of records, with what was counted and added up of them. */
export interface Bucket {
  key: Record<string, unknown>
  values: Record<string, unknown>
}
interface Buckets {
  groups: Bucket[]
  more?: boolean
}
const counted = 'n_'

/** questionOf is what the API is asked for a state. */
export function questionOf(app: string, view: ViewMeta, s: TableState, columns: Column[]): Question {
  const paths = columns.map((c) => c.path)
  const names = new Set(['id', ...columns.map((c) => c.edit?.name ?? c.path.split('.')[0]!)])
  const named = view.saved?.some((x) => x.name === s.saved) ? s.saved : undefined
  return {
    app,
    entity: view.entity,
    query: {
      view: view.name,
      saved: named,
      filter: s.filter || undefined,
      search: s.search || undefined,
      order_by: orderBy(s.sort) || undefined,
      deleted: s.bin || undefined,
      fields: [...names].join(','),
      expand: expandOf(paths) || undefined,
      display: true,
    },
  }
}

/** aggregate asks for groups and sums of what a question is about. */
export const aggregate = (q: Question, body: object, signal?: AbortSignal): Promise<Buckets> => {
  const { view, saved, filter, search } = q.query
  return call('POST', verbPath(q.app, q.entity, 'aggregate'), {
    body: { view, saved, filter, search, ...body },
    signal,
  })
}

/** measuresOf are the sums that columns ask for. */
export const measuresOf = (columns: Column[]) =>
  columns
    .filter((c) => c.total)
    .map((c) => ({ fn: c.total === 'count' ? 'count' : c.total, field: c.path, as: c.path }))

/** Totals of all records of a table, whatever has been read. */
export interface Totals {
  count?: number
  values: Record<string, unknown>
}

/** How often sums that take long are reckoned anew. */
export const heavy = 5000 // milliseconds between two reckonings of sums, which may be over what is computed anew

/** useTotals counts the records, and adds up the columns that say so: two questions, since sums may take long. */
export function useTotals(q: Question, columns: Column[]): Totals {
  const { query, app, entity } = q
  const { view, saved, filter, search, deleted } = query
  const ask = { view, saved, filter, search, deleted }
  const counting = useQuery({
    queryKey: ['table', app, entity, 'count', ask],
    queryFn: async ({ signal }): Promise<number> => {
      if (!deleted) {
        const { groups } = await aggregate(q, { measures: [{ fn: 'count', as: counted }] }, signal)
        return Number(groups[0]?.values[counted] ?? 0)
      }
      const one = await listRecords(app, entity, { ...ask, page_size: 1, fields: 'id', count: 'exact' }, signal)
      return one.count ?? 0
    },
    placeholderData: (old) => old,
  })
  const measures = measuresOf(columns)
  const sums = useQuery({
    queryKey: ['sums', app, entity, ask, measures],
    queryFn: async ({ signal }) => (await aggregate(q, { measures }, signal)).groups[0]?.values ?? {},
    enabled: measures.length > 0 && !deleted,
    placeholderData: (old) => old,
    retry: false,
    staleTime: heavy,
  })
  return { count: counting.data, values: (!deleted && sums.data) || {} }
}
