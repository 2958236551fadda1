import { app, emptyCards, entity, id, me, meta, nothing, record, views } from './sample.ts'

/** The states that a screen can be in, besides having something to show. */
export const modes = ['loading', 'empty', 'error', 'denied', 'offline'] as const
export type Mode = (typeof modes)[number]

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

const never = (signal: AbortSignal | null | undefined): Promise<Response> =>
  new Promise((_, stop) => signal?.addEventListener('abort', () => stop(new DOMException('', 'AbortError'))))

/** described answers what a screen has to know to be a screen at all. */
function described(path: string): unknown {
  const base = `/api/v1/apps/${app}`
  if (path === '/api/v1/me') return me()
  if (path === `${base}/meta`) return meta()
  return views().find((v) => path === `${base}/views/${v.name}`)
}

function empty(path: string): unknown {
  if (path.endsWith(':data')) return { filters: {}, cards: emptyCards() }
  if (path.endsWith(`/${entity}/${id}`)) return record()
  if (path.endsWith('/verification')) return { at: null, by: null, result: null }
  return nothing()
}

/** answers is a server that is in a state: it describes, and has nothing else to say but that. */
export const answers =
  (mode: Mode): typeof fetch =>
  async (to, init) => {
    const { pathname } = new URL(String(to), location.origin)
    const description = described(pathname)
    if (description) return json(description)
    switch (mode) {
      case 'loading':
        return never(init?.signal)
      case 'empty':
        return pathname.startsWith('/api/v1/templates/') ? json({}, 404) : json(empty(pathname))
      case 'error':
        return json({ code: 'internal', request_id: '0123456789abcdef' }, 500)
      case 'denied':
        return json({ code: 'access.denied' }, 403)
      case 'offline':
        throw new TypeError('offline')
    }
  }
