import { useEffect, useRef, useSyncExternalStore } from 'react'

/** What happened somewhere, as the stream tells it. */
export interface LiveEvent {
  /** "tenon.record.updated.v1", "presence", "notification", … */
  type: string
  app?: string
  entity?: string
  id?: string
  data: Record<string, unknown>
  time?: string
}

type Listener = (e: LiveEvent) => void
/** How the stream is: connecting at first, open, or lost and being opened again. */
export type LiveState = 'connecting' | 'open' | 'lost'

const lock = 'tenon.live'
const listeners = new Set<Listener>()
const watchers = new Set<() => void>()
let state: LiveState = 'connecting'
let channel: BroadcastChannel | undefined
let stop: (() => void) | undefined

interface Message {
  state?: LiveState
  event?: LiveEvent
  ask?: true
}

function become(next: LiveState): void {
  if (state === next) return
  state = next
  for (const w of watchers) w()
}

function deliver(e: LiveEvent): void {
  for (const l of listeners) l(e)
}

function read(type: string, text: string): LiveEvent {
  const body = JSON.parse(text || '{}') as Record<string, unknown>
  const data = (body.data ?? body) as Record<string, unknown>
  return {
    type: (body.type as string) ?? type,
    app: data.app as string | undefined,
    entity: data.entity as string | undefined,
    id: (data.id ?? data.record) as string | undefined,
    data,
    time: body.time as string | undefined,
  }
}

// EventSource hides names that nobody listens to, so these are listed.
const named = ['message', 'ready', 'resync', 'presence', 'notification', 'comment', 'released', 'end']

function lead(tell: (m: Message) => void): () => void {
  let source: EventSource | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  let before = false // another stream has been there, and what passed since then was not heard
  const open = (): void => {
    clearTimeout(again)
    source?.close()
    source = new EventSource('/api/v1/events')
    let first = true
    source.onopen = () => {
      tries = 0
      tell({ state: 'open' })
      if (first && before) tell({ event: { type: 'resync', data: {} } })
      first = false
      before = true
    }
    source.onerror = () => {
      tell({ state: 'lost' })
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, Math.min(15_000, 500 * 2 ** tries++))
    }
    for (const name of named) {
      source.addEventListener(name, (m) => tell({ event: read(name, (m as MessageEvent<string>).data) }))
    }
  }
  open()
  window.addEventListener('online', open) // the old stream may be dead without knowing
  return () => {
    window.removeEventListener('online', open)
    clearTimeout(again)
    source?.close()
  }
}

/** startLive opens the one stream of this browser: the tab that gets the lock reads it and tells the others. */
export function startLive(): () => void {
  if (stop) return stop
  const leaving = new AbortController()
  channel = new BroadcastChannel(lock)
  const take = (m: Message): void => {
    if (m.state) become(m.state)
    if (m.event) deliver(m.event)
  }
  const tell = (m: Message): void => {
    take(m)
    channel?.postMessage(m)
  }
  let leading: (() => void) | undefined
  channel.onmessage = (m: MessageEvent<Message>) => {
    if (m.data.ask) {
      if (leading) channel?.postMessage({ state } satisfies Message)
    } else take(m.data)
  }
  channel.postMessage({ ask: true } satisfies Message)
  const run = (): Promise<void> =>
    new Promise((left) => {
      leading = lead(tell)
      leaving.signal.addEventListener('abort', () => {
        leading?.()
        left()
      })
    })
  if (navigator.locks) navigator.locks.request(lock, { signal: leaving.signal }, run).catch(() => {})
  else void run() // an insecure address has no locks: every tab reads for itself
  const lost = (): void => become('lost')
  window.addEventListener('offline', lost)
  stop = () => {
    window.removeEventListener('offline', lost)
    leaving.abort()
    channel?.close()
    stop = undefined
    state = 'connecting'
  }
  return stop
}

/** useLive calls back for every event that passes, as long as the component is there. */
export function useLive(f: Listener): void {
  const last = useRef(f)
  useEffect(() => {
    last.current = f
  })
  useEffect(() => {
    const l: Listener = (e) => last.current(e)
    listeners.add(l)
    return () => {
      listeners.delete(l)
    }
  }, [])
}

/** useLiveState is how the stream is. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (f) => {
      watchers.add(f)
      return () => watchers.delete(f)
    },
    () => state,
  )
}
