import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import type { AppMeta, ViewMeta } from '../meta/types.ts'
import { call, path } from './client.ts'
import { queries } from './query.ts'
import type { Schemas } from './schemas.ts'

/** An app in the list of those that the person has something in. */
export type AppCard = Schemas['App']

export const appsQuery = queryOptions({
  queryKey: ['apps'],
  queryFn: async () => (await call<{ apps: AppCard[] }>('GET', '/apps')).apps,
})

export const metaQuery = (app: string) =>
  queryOptions({
    queryKey: ['meta', app],
    queryFn: () => call<AppMeta>('GET', `/apps${path(app)}/meta`),
    staleTime: 300_000,
  })

/** useMeta is the description of an app that is shown already. */
export function useMeta(app: string): AppMeta {
  return useSuspenseQuery(metaQuery(app)).data
}

export const viewQuery = (app: string, view: string) =>
  queryOptions({
    queryKey: ['view', app, view],
    queryFn: () => call<ViewMeta>('GET', `/apps${path(app)}/views${path(view)}`),
    staleTime: 300_000,
  })

/** useView describes a view; it is undefined until it is known. */
export function useView(app: string, view: string | undefined) {
  return useQuery({ ...viewQuery(app, view ?? ''), enabled: !!view })
}

const followRest = 300 // milliseconds; a server follows a release within a second
const followTries = 10

/** released reads the descriptions of an app anew, after a release or a change of roles. A server may not have followed the
 * release yet: until it has come to that generation, it is asked again. */
export async function released(app: string, generation = 0, tries = followTries): Promise<void> {
  await queries.invalidateQueries({ queryKey: ['meta', app] })
  const known = queries.getQueryData(metaQuery(app).queryKey)
  if (known && known.generation < generation && tries > 0) {
    await new Promise((next) => setTimeout(next, followRest))
    return released(app, generation, tries - 1)
  }
  void queries.invalidateQueries({ queryKey: ['view', app] })
  void queries.invalidateQueries({ queryKey: ['apps'] })
}
