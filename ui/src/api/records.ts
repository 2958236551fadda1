import { queryOptions } from '@tanstack/react-query'
import type { Rec, RecordList } from '../meta/record.ts'
import { call, path } from './client.ts'

/** What a list may be asked for; see /api/v1/openapi.json. */
export interface ListQuery {
  view?: string
  saved?: string
  filter?: string
  order_by?: string
  search?: string
  count?: 'exact' | 'estimate'
  deleted?: boolean
  page_size?: number
  page_token?: string
  /** Records left out before the page, counted from the token where there is one. */
  skip?: number
  fields?: string
  expand?: string
  display?: boolean
}

/** entityPath is the address of an entity, or of something under it. */
export const entityPath = (app: string, entity: string, ...more: string[]): string =>
  `/apps${path(app, entity, ...more)}`

/** verbPath is the address of a verb: of an entity, or of one of its records. */
export const verbPath = (app: string, entity: string, verb: string, id?: string): string =>
  `${id ? entityPath(app, entity, id) : entityPath(app, entity)}:${verb}`

/** listRecords reads one page. */
export function listRecords(app: string, entity: string, query: ListQuery, signal?: AbortSignal): Promise<RecordList> {
  return call<RecordList>('GET', entityPath(app, entity), { query: { ...query }, signal })
}

/** recordQuery reads one record, with what its references are called. */
export const recordQuery = (app: string, entity: string, id: string, expand = '') =>
  queryOptions({
    queryKey: ['record', app, entity, id, expand],
    queryFn: ({ signal }) =>
      call<Rec>('GET', entityPath(app, entity, id), { query: { expand, display: true }, signal }),
  })
