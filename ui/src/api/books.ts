import { queryOptions } from '@tanstack/react-query'
import { call, path } from './client.ts'
import { queries } from './query.ts'
import { listRecords } from './records.ts'
import type { Schemas } from './schemas.ts'

export type Ledger = Schemas['Ledger']
export type Verification = Schemas['Verification']
export type Difference = Verification['differences'][number]

/** What works kept values out, or did so lately. */
export interface Job {
  id: string
  kind: 'recompute' | 'fill' | 'post' | 'keep' | 'method'
  entity: string
  field?: string
  done: number
  total: number
  /** Documents of closed periods, which stay as they were posted. */
  left?: number
  state: string
  started_at: string
  finished_at: string | null
  problem?: string
}

export const ledgersQuery = (app: string) =>
  queryOptions({
    queryKey: ['ledgers', app],
    queryFn: async () => (await call<{ ledgers: Ledger[] }>('GET', `/apps${path(app)}/ledgers`)).ledgers,
    staleTime: 300_000,
  })

/** seesBooks tells who has the page of an app's ledgers: who may look into one, and who may prove what the app keeps. */
export const seesBooks = (ledgers: Ledger[] | undefined, me: { admin: boolean; builder: boolean }): boolean =>
  !!ledgers && (ledgers.length > 0 || me.admin || me.builder)

/** How many costs of a ledger are not final: of goods that went out before they came in, or of a month that is open. */
export const provisionalQuery = (app: string, costs: string) =>
  queryOptions({
    queryKey: ['list', app, costs, 'provisional'],
    queryFn: async ({ signal }) =>
      (await listRecords(app, costs, { filter: 'provisional', page_size: 1, count: 'exact' }, signal)).count ?? 0,
  })

const ledgerPath = (app: string, name: string, verb: string): string => `/apps${path(app, 'ledgers', name)}:${verb}`

async function changed(app: string, asked: Promise<Ledger>): Promise<Ledger> {
  const now = await asked
  queries.setQueryData(ledgersQuery(app).queryKey, (old) => old?.map((l) => (l.name === now.name ? now : l)))
  return now
}

/** lockLedger closes a ledger through a day; an earlier day, or null, opens what lies after it. */
export const lockLedger = (app: string, name: string, through: string | null): Promise<Ledger> =>
  changed(app, call('POST', ledgerPath(app, name, 'lock'), { body: { through } }))

/** closeLedger works out what months cost, and closes a ledger through the last day of one. */
export const closeLedger = (app: string, name: string, through: string): Promise<Ledger> =>
  changed(app, call('POST', ledgerPath(app, name, 'close'), { body: { through } }))

/** The last proof of an app: null before the first. */
export interface LastProof {
  at: string | null
  by: 'nightly' | 'admin' | null
  result: Verification | null
}

export const verificationQuery = (app: string) =>
  queryOptions({
    queryKey: ['verification', app],
    queryFn: () => call<LastProof>('GET', `/apps${path(app)}/verification`),
  })

/** verifyApp works everything out again that the app keeps. The server keeps what it found. */
export const verifyApp = (app: string): Promise<Verification> => call('POST', `/apps${path(app)}:verify`, { body: {} })

/** postAgain has documents post again by the rules of today, where they have posted by an earlier one. */
export const postAgain = (app: string, posting: string): Promise<Job> =>
  call('POST', `/apps${path(app)}:repost`, { body: { postings: [posting] } })

const soon = 3000

export const jobsQuery = (app: string) =>
  queryOptions({
    queryKey: ['jobs', app],
    queryFn: async () => (await call<{ jobs: Job[] }>('GET', `/apps${path(app)}/jobs`)).jobs,
    refetchInterval: (q) => (q.state.data?.some((j) => j.state === 'running') ? soon : false),
  })
