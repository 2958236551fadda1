import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, path } from '../../api/client.ts'
import { queries } from '../../api/query.ts'
import { entityPath, listRecords, verbPath } from '../../api/records.ts'
import { expandOf, type Rec, type RecordList } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { transition } from '../record/transition.ts'
import { both, type Cell, cellId, cellOf, type Groups, is, type Move, type Pages, placeOf, settled } from './board.ts'

const pageSize = 20

/** A board as it is asked for: the view, narrowed by what the person looks for. */
export interface Asked {
  app: string
  entity: EntityMeta
  view: ViewMeta
  lanes: boolean
  filter: string
  search: string
}

const rootKey = (a: Asked): unknown[] => ['board', a.app, a.entity.name, a.view.name]
const cellsKey = (a: Asked): unknown[] => [...rootKey(a), 'cells', a.lanes, a.filter, a.search]
const paths = (v: ViewMeta): string[] => (v.columns ?? []).map((c) => c.path)

function shape(a: Asked): { fields: string; expand: string; display: boolean } {
  const wanted = [...paths(a.view).map((p) => p.split('.')[0]!), a.view.by, a.view.lane, a.entity.display]
  const fields = new Set(wanted.filter((f): f is string => !!f))
  return { fields: [...fields].join(','), expand: expandOf(paths(a.view)), display: true }
}

const inCell = (a: Asked, c: Cell): string =>
  both(is(a.view.by!, c.column), a.lanes && a.view.lane ? is(a.view.lane, c.lane) : '', a.filter)

/** cardsQuery reads the cards of a cell, a page at a time. */
export const cardsQuery = (a: Asked, c: Cell) =>
  infiniteQueryOptions({
    queryKey: [...cellsKey(a), cellId(c)],
    initialPageParam: '',
    staleTime: 60_000,
    getNextPageParam: (last: RecordList) => last.next_page_token,
    queryFn: ({ pageParam, signal }) =>
      listRecords(
        a.app,
        a.entity.name,
        {
          view: a.view.name,
          filter: inCell(a, c),
          search: a.search,
          page_size: pageSize,
          page_token: String(pageParam),
          ...shape(a),
        },
        signal,
      ),
  })

/** sumsQuery counts and adds up every cell at once. */
export const sumsQuery = (a: Asked) =>
  queryOptions({
    queryKey: [...rootKey(a), 'sums', a.lanes, a.filter, a.search],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      call<Groups>('POST', verbPath(a.app, a.entity.name, 'aggregate'), {
        signal,
        body: {
          view: a.view.name,
          filter: a.filter || undefined,
          search: a.search || undefined,
          group_by: [a.view.by, ...(a.lanes && a.view.lane ? [a.view.lane] : [])],
          measures: [
            { fn: 'count', as: 'count' },
            ...(a.view.sum ? [{ fn: 'sum', field: a.view.sum, as: 'sum' }] : []),
          ],
        },
      }),
  })

/** The most records of another entity that stand as empty columns, so that cards can be dropped there. */
export const mostEmpty = 12

/** namesQuery says what the records that columns or lanes stand for are called. */
export const namesQuery = (app: string, target: EntityMeta | undefined, ids: string[]) =>
  queryOptions({
    queryKey: ['list', app, target?.name ?? '', 'names', ids],
    enabled: !!target?.display,
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const ask = (filter: string, size: number) =>
        listRecords(app, target!.name, { filter, page_size: size, fields: target!.display }, signal)
      const some = await ask('', mostEmpty + 1)
      const few = some.records.length <= mostEmpty
      const missing = ids.filter((id) => !some.records.some((r) => r.id === id))
      const more = missing.length ? await ask(`id in ${JSON.stringify(missing.slice(0, 200))}`, 200) : { records: [] }
      const name = (r: Rec): [string, string] => [r.id, String(r[target!.display!] ?? '')]
      return { few, names: new Map([...some.records.map(name), ...more.records.map(name)]) }
    },
  })

/** refresh reads some records anew and puts each where it belongs now. It gives those whose version is new here. */
export async function refresh(a: Asked, ids: string[]): Promise<string[]> {
  const asked = new Set(ids)
  const read = await listRecords(a.app, a.entity.name, {
    view: a.view.name,
    filter: both(`id in ${JSON.stringify(ids)}`, a.filter),
    search: a.search,
    page_size: Math.max(1, ids.length),
    ...shape(a),
  })
  const before = new Map<string, number>()
  const cells = queries.getQueriesData<Pages>({ queryKey: cellsKey(a) })
  for (const [, pages] of cells)
    for (const p of pages?.pages ?? []) for (const r of p.records) if (asked.has(r.id)) before.set(r.id, r.version)
  for (const [key, pages] of cells) {
    if (!pages) continue
    const here = cellOf(String(key.at(-1)))
    const records = read.records.filter((r) => cellId(placeOf(a.view, a.lanes, r)) === cellId(here))
    queries.setQueryData<Pages>(key, settled(pages, asked, records, read))
  }
  void queries.invalidateQueries({ queryKey: sumsQuery(a).queryKey })
  return read.records.filter((r) => before.get(r.id) !== r.version).map((r) => r.id)
}

/** reload reads the whole board anew. */
export function reload(a: Asked): void {
  void queries.invalidateQueries({ queryKey: rootKey(a) })
}

/** put does what a move means, as long as nobody else changed the record since. */
export function put(a: Asked, r: Rec, move: Move, name?: string): Promise<Rec> {
  if (move.kind === 'transition') return transition(a.app, a.entity.name, r, name ?? move.choices[0]!.name)
  return call<Rec>('PATCH', entityPath(a.app, a.entity.name) + path(r.id), {
    query: shape(a),
    body: move.values,
    ifMatch: r.version,
  })
}
