import { queryOptions, useQuery } from '@tanstack/react-query'
import { call } from './client.ts'
import { queries } from './query.ts'
import type { Schemas } from './schemas.ts'

/** The person who is signed in. */
export type Me = Schemas['Actor']

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => call<Me>('GET', '/me'),
  staleTime: 60_000,
  retry: false,
})

/** useMe is who is signed in. Pages inside the shell are shown only once it is known. */
export function useMe(): Me {
  const { data } = useQuery(meQuery)
  if (!data) throw new Error('used outside the shell')
  return data
}

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => call<{ needed: boolean }>('GET', '/setup'),
})

/** forgetAll drops what was read for whoever was signed in before. */
export function forgetAll(): void {
  queries.clear()
}
