/** One finding of the server about what was sent: where, what, and the way out. */
export interface Finding {
  pointer: string
  code: string
  message: string
  cure?: string
  severity?: 'error' | 'warning'
}

/** Problem is a refusal of the server (problem+json), or that it can't be reached (status 0, code "offline"). */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors: Finding[]
  readonly requestID: string

  constructor(
    status: number,
    body: Partial<{ code: string; title: string; detail: string; errors: Finding[]; request_id: string }>,
  ) {
    super(body.detail || body.title || body.code || String(status))
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? (status === 0 ? 'offline' : 'internal')
    this.title = body.title ?? ''
    this.detail = body.detail ?? ''
    this.errors = body.errors ?? []
    this.requestID = body.request_id ?? ''
  }

  get offline(): boolean {
    return this.status === 0
  }

  /** conflict is true where somebody else changed the thing first. */
  get conflict(): boolean {
    return this.status === 412
  }

  get missing(): boolean {
    return this.status === 404
  }

  get denied(): boolean {
    return this.status === 403
  }
}

/** problemOf makes a Problem of whatever was thrown. */
export function problemOf(e: unknown): Problem {
  if (e instanceof Problem) return e
  return new Problem(-1, { code: 'interface', detail: e instanceof Error ? e.message : String(e) })
}
