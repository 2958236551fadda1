import { useQueries, useQuery } from '@tanstack/react-query'
import { appsQuery } from '../api/apps.ts'
import { call, path } from '../api/client.ts'
import { label } from '../i18n/i18n.ts'

/** A record that a search found. */
export interface Hit {
  app: string
  entity: string
  id: string
  text: string
  note: string
}

interface Answer {
  results: { entity: string; entity_title: string; id: string; display: unknown }[]
}

const mostApps = 8
const mostHits = 12

/** useSearch finds records by text: in the app that is open, or in all of the person's. */
export function useSearch(app: string | undefined, wanted: string): { hits: Hit[]; searching: boolean } {
  const { data: all = [] } = useQuery(appsQuery)
  const apps = app ? all.filter((a) => a.name === app) : all.slice(0, mostApps)
  const answers = useQueries({
    queries: apps.map((a) => ({
      queryKey: ['search', a.name, wanted],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<Answer>('GET', `/apps${path(a.name)}/search`, { query: { q: wanted, limit: mostHits }, signal }),
      enabled: wanted !== '',
    })),
  })
  const hits = answers.flatMap((x, i) =>
    (x.data?.results ?? []).map((h): Hit => {
      const a = apps[i]!
      const note = apps.length > 1 ? `${label(a.titles, a.title)} · ${h.entity_title}` : h.entity_title
      return { app: a.name, entity: h.entity, id: h.id, text: String(h.display ?? h.id), note }
    }),
  )
  return { hits, searching: answers.some((x) => x.isFetching) }
}
