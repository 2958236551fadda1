import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Locale } from '../i18n/i18n.ts'
import { call } from './client.ts'
import { queries } from './query.ts'

/** The person who is signed in. */
export interface Me {
  id: string
  name: string
  email: string
  locale: Locale
  admin: boolean
  builder: boolean
  reviewer: boolean
  departments: string[]
  must_change_password: boolean
  roles: Record<string, string[]>
}

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
