import { queryOptions } from '@tanstack/react-query'
import { call, path } from './client.ts'
import type { Schemas } from './schemas.ts'

/** A device on which the person is signed in. */
export type Session = Schemas['Session']
/** A secret by which a program asks in the person's name. The secret itself is in the answer to making it, once. */
export type Token = Schemas['Token']

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async () => (await call<{ sessions: Session[] }>('GET', '/sessions')).sessions,
})

export const endSession = (id: string): Promise<void> => call('DELETE', `/sessions${path(id)}`)

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await call<{ tokens: Token[] }>('GET', '/tokens')).tokens,
})

/** makeToken makes a token; without days it lasts until it is revoked. */
export const makeToken = (name: string, days: number | undefined): Promise<Token> =>
  call('POST', '/tokens', { body: days === undefined ? { name } : { name, days } })

export const revokeToken = (id: string): Promise<void> => call('DELETE', `/tokens${path(id)}`)
