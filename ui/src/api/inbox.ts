import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'
import { problemOf } from './problem.ts'
import { queries } from './query.ts'
import type { Schemas } from './schemas.ts'

/** Records that wait in a state that the person may move them on from. */
export type Todo = Schemas['Todo']
/** What concerns the person: a mention, a record that is his now. */
export type Notification = Schemas['Notification']

export const todosQuery = queryOptions({
  queryKey: ['todos'],
  queryFn: async () => (await call<{ todos: Todo[] }>('GET', '/todos')).todos,
})

export interface NotificationPage {
  notifications: Notification[]
  unread: number
  next_page_token?: string
}

export const notificationsQuery = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: ['notifications', 'list', unread],
    queryFn: ({ pageParam, signal }) =>
      call<NotificationPage>('GET', '/notifications', {
        query: { unread: unread || undefined, page_token: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })

/** unreadQuery is how many messages wait, for the bell. */
export const unreadQuery = queryOptions({
  queryKey: ['notifications', 'unread'],
  queryFn: async () =>
    (await call<NotificationPage>('GET', '/notifications', { query: { unread: true, page_size: 1 } })).unread,
  retry: (n, e) => n < 2 && problemOf(e).status >= 500,
  staleTime: 60_000,
})

/** markRead marks some messages, or all, as read. */
export async function markRead(which: { ids: string[] } | { all: true }): Promise<void> {
  await call('POST', '/notifications:read', { body: which })
  await queries.invalidateQueries({ queryKey: ['notifications'] })
}
