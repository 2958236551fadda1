import { locale } from '../i18n/i18n.ts'
import { Problem } from './problem.ts'

type QueryValue = string | number | boolean | undefined | null

/** What a request may carry. */
export interface Request {
  query?: Record<string, QueryValue>
  body?: unknown
  form?: FormData
  ifMatch?: string | number
  /** Makes a create safe to send again. */
  idempotencyKey?: string
  signal?: AbortSignal
}

const base = '/api/v1'
let ask: typeof fetch = (to, init) => fetch(to, init)
let onSignedOut: () => void = () => {}

/** whenSignedOut says what happens once the server no longer knows who is asking. */
export function whenSignedOut(f: () => void): void {
  onSignedOut = f
}

/** answerWith has something else than the server answer requests; without it the server does again. The page of states shows
 * screens with it that wait, have nothing or fail. */
export function answerWith(f?: typeof fetch): void {
  ask = f ?? ((to, init) => fetch(to, init))
}

/** path joins the parts of an address, each escaped. */
export function path(...parts: string[]): string {
  return parts.map((p) => `/${encodeURIComponent(p)}`).join('')
}

function address(to: string, query?: Record<string, QueryValue>): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(query ?? {})) if (v !== undefined && v !== null && v !== '') q.set(k, String(v))
  const text = q.toString()
  return base + to + (text ? `?${text}` : '')
}

/** send makes a request and gives the raw answer, or throws a Problem. */
export async function send(method: string, to: string, r: Request = {}): Promise<Response> {
  const headers: Record<string, string> = { 'Accept-Language': locale() }
  if (r.body !== undefined) headers['Content-Type'] = 'application/json'
  if (r.ifMatch !== undefined) headers['If-Match'] = typeof r.ifMatch === 'number' ? `"${r.ifMatch}"` : r.ifMatch
  if (r.idempotencyKey) headers['Idempotency-Key'] = r.idempotencyKey
  let res: Response
  try {
    res = await ask(address(to, r.query), {
      method,
      headers,
      body: r.form ?? (r.body === undefined ? undefined : JSON.stringify(r.body)),
      signal: r.signal,
      credentials: 'same-origin',
    })
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    throw new Problem(0, {})
  }
  if (res.ok) return res
  const body = await res.json().catch(() => ({}))
  const p = new Problem(res.status, body)
  if (res.status === 401 && to !== '/sessions' && to !== '/setup') onSignedOut()
  throw p
}

/** call makes a request and gives the JSON of the answer. */
export async function call<T>(method: string, to: string, r: Request = {}): Promise<T> {
  const res = await send(method, to, r)
  if (res.status === 204) return undefined as T
  return (await res.json()) as T
}

/** newKey makes a request one that may be sent again. An insecure address has no randomUUID. */
export const newKey = (): string =>
  crypto.randomUUID?.() ??
  [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('')

/** key is what a react-query key of an address is: its parts, so that whole branches can be made stale. */
export const key = (...parts: unknown[]): unknown[] => parts
