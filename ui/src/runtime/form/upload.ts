import { queryOptions } from '@tanstack/react-query'
import { Problem } from '../../api/problem.ts'
import { locale } from '../../i18n/i18n.ts'

/** A file as the server keeps it. */
export interface Stored {
  id: string
  name: string
  size: number
  type: string
}

/** fileAddress is where a file is read. */
export const fileAddress = (id: string): string => `/api/v1/files/${encodeURIComponent(id)}`

/** upload sends a file and tells how far it is, from 0 to 1. */
export function upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Stored> {
  return new Promise((done, fail) => {
    const r = new XMLHttpRequest() // fetch can't tell how much has been sent
    r.open('POST', '/api/v1/files')
    r.setRequestHeader('Accept-Language', locale())
    r.responseType = 'json'
    r.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total)
    r.onerror = () => fail(new Problem(0, {}))
    r.onabort = () => fail(new DOMException('', 'AbortError'))
    r.onload = () =>
      r.status < 300 ? done(r.response as Stored) : fail(new Problem(r.status, (r.response ?? {}) as object))
    signal.addEventListener('abort', () => r.abort())
    const form = new FormData()
    form.append('file', file, file.name || 'file')
    r.send(form)
  })
}

/** nameOf reads a file's name from the header of its download (RFC 6266). */
export function nameOf(disposition: string | null): string {
  const star = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')
  if (star) {
    try {
      return decodeURIComponent(star[1]!)
    } catch {
      return star[1]!
    }
  }
  return /filename="?([^";]+)"?/i.exec(disposition ?? '')?.[1] ?? ''
}

/** storedQuery learns a file's name, type and size from the headers of its download; the rest isn't read. */
export const storedQuery = (id: string) =>
  queryOptions({
    queryKey: ['file', id],
    queryFn: async ({ signal }): Promise<Stored> => {
      const stop = new AbortController()
      signal.addEventListener('abort', () => stop.abort())
      const r = await fetch(fileAddress(id), { signal: stop.signal, credentials: 'same-origin' })
      const out = {
        id,
        name: nameOf(r.headers.get('content-disposition')),
        size: Number(r.headers.get('content-length') ?? 0),
        type: r.headers.get('content-type') ?? '',
      }
      const ok = r.ok
      stop.abort()
      if (!ok) throw new Problem(r.status, {})
      return out
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })

const underWay = new Set<Promise<boolean>>()

/** track knows of a file on its way, until it has arrived (true, or it was stopped) or failed (false). */
export function track(sent: Promise<boolean>): void {
  underWay.add(sent)
  void sent.finally(() => underWay.delete(sent))
}

/** sending is true while a file is on its way. */
export const sending = (): boolean => underWay.size > 0

/** arrivals waits for what is on its way; false where something failed. A form is saved with all that was added to it. */
export async function arrivals(): Promise<boolean> {
  let all = true
  while (underWay.size > 0) for (const ok of await Promise.all(underWay)) all &&= ok
  return all
}
