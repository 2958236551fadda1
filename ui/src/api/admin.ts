import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, path } from './client.ts'
import type { Schemas } from './schemas.ts'

export type User = Schemas['User']
export type Department = Schemas['Department']
export type Role = Schemas['Role']
export type AuditEntry = Schemas['AuditEntry']
export type Release = Schemas['Release']

const page = 50

export const usersQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['users', q],
    queryFn: ({ pageParam, signal }) =>
      call<{ users: User[]; next_page_token?: string }>('GET', '/users', {
        query: { q, page_size: page, page_token: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })

/** What an administrator sets of an account. */
export type UserForm = Pick<User, 'name' | 'email' | 'locale' | 'admin' | 'builder' | 'reviewer' | 'departments'> & {
  attributes: Record<string, string>
}

/** saveUser makes an account, or changes one. A new one comes with a code to choose a password by. */
export const saveUser = (id: string | undefined, body: UserForm): Promise<User> =>
  id ? call('PATCH', `/users${path(id)}`, { body }) : call('POST', '/users', { body })

export const setActive = (id: string, active: boolean): Promise<User> =>
  call('PATCH', `/users${path(id)}`, { body: { active } })

export const resetCode = (id: string): Promise<{ reset_code: string; expires_at: string }> =>
  call('POST', `/users${path(id)}:reset`)

export const departmentsQuery = queryOptions({
  queryKey: ['departments'],
  queryFn: async () => (await call<{ departments: Department[] }>('GET', '/departments')).departments,
})

/** saveDepartment makes a department, or changes one. An empty parent puts it at the top. */
export const saveDepartment = (
  id: string | undefined,
  body: { name?: string; parent?: string; position?: number },
): Promise<Department> =>
  id ? call('PATCH', `/departments${path(id)}`, { body }) : call('POST', '/departments', { body })

export const deleteDepartment = (id: string): Promise<void> => call('DELETE', `/departments${path(id)}`)

export const rolesQuery = (app: string) =>
  queryOptions({
    queryKey: ['roles', app],
    queryFn: async () => (await call<{ roles: Role[] }>('GET', `/apps${path(app)}/roles`)).roles,
  })

/** setRole gives a person a role of an app, or takes it away. */
export const setRole = (app: string, role: string, user: string, on: boolean): Promise<void> =>
  call(on ? 'PUT' : 'DELETE', `/apps${path(app)}/roles${path(role)}/users${path(user)}`)

export const auditQuery = (filter: { app: string; actor: string; action: string }) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      call<{ entries: AuditEntry[]; next_page_token?: string }>('GET', '/audit', {
        query: { ...filter, page_size: page, page_token: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    staleTime: 0,
  })

/** An API token with whose it is. */
export type UserToken = Schemas['UserToken']

export const userTokensQuery = infiniteQueryOptions({
  queryKey: ['user-tokens'],
  queryFn: ({ pageParam, signal }) =>
    call<{ tokens: UserToken[]; next_page_token?: string }>('GET', '/users/-/tokens', {
      query: { page_size: page, page_token: pageParam },
      signal,
    }),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_page_token || undefined,
})

/** revokeUserToken ends a token of anybody. */
export const revokeUserToken = (x: UserToken): Promise<void> =>
  call('DELETE', `/users${path(x.user.id)}/tokens${path(x.id)}`)

/** What the check of the audit's chain found. */
export interface ChainCheck {
  sealed: number
  unsealed: number
  broken: { seq: number; position: number; reason: string } | null
}

export const verifyAudit = (): Promise<ChainCheck> => call('POST', '/audit:verify')

export const releasesQuery = (app: string) =>
  infiniteQueryOptions({
    queryKey: ['releases', app],
    queryFn: ({ pageParam, signal }) =>
      call<{ releases: Release[]; next_page_token?: string }>('GET', `/apps${path(app)}/releases`, {
        query: { page_size: 20, page_token: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })

/** namesQuery is what people are called, by their ids. */
export const namesQuery = (ids: string[]) =>
  queryOptions({
    queryKey: ['people', ids],
    queryFn: async () => {
      const { people } = await call<{ people: { id: string; name: string }[] }>('GET', '/people', {
        query: { ids: ids.join(',') },
      })
      return Object.fromEntries(people.map((p) => [p.id, p.name]))
    },
    enabled: ids.length > 0,
    staleTime: 300_000,
  })

export const peopleQuery = (q: string) =>
  queryOptions({
    queryKey: ['people', 'search', q],
    queryFn: async ({ signal }) =>
      (
        await call<{ people: { id: string; name: string }[] }>('GET', '/people', {
          query: { q, page_size: 20 },
          signal,
        })
      ).people,
  })
