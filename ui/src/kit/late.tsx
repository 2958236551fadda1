import { type ComponentType, use } from 'react'

const rest = 1200 // milliseconds of a screen at rest until what it may need next is fetched

/** A component that comes when it is first needed, or in good time before. */
export type Late<P> = ComponentType<P> & { ready: () => Promise<unknown> }

/** late is like React's lazy, but shows at once what has been fetched before: what is typed meanwhile is not lost. */
export function late<P extends object>(load: () => Promise<ComponentType<P>>): Late<P> {
  let known: ComponentType<P> | undefined
  let coming: Promise<ComponentType<P>> | undefined
  const ready = (): Promise<ComponentType<P>> => {
    coming ??= load().then(
      (c) => {
        known = c
        return c
      },
      (e) => {
        coming = undefined
        throw e
      },
    )
    return coming
  }
  // biome-ignore lint/correctness/noComponentHookFactories: made once for each part, at the module's level
  function Shown(p: P) {
    const Known = known ?? use(ready())
    return <Known {...p} />
  }
  return Object.assign(Shown, { ready })
}

let early = 0

/** isEarly is true while something is fetched that nobody has asked for yet. */
export const isEarly = (): boolean => early > 0

type Part = { ready: () => Promise<unknown> }

const asked = new Set<Part[]>()
const step = 200 // milliseconds between two looks
let left = rest
let watching = false

/** isLoading is true while the screen still waits for what it is to show. */
const isLoading = (): boolean => document.querySelector('.skeleton,.bone,.tv-bone,[aria-busy="true"]') !== null

function look(): void {
  left = isLoading() ? rest : left - step
  watching = asked.size > 0 && left > 0
  if (watching) {
    setTimeout(look, step)
    return
  }
  const parts = new Set([...asked].flat())
  asked.clear()
  if (!navigator.onLine) return
  for (const p of parts) {
    early++
    const done = (): void => void early--
    p.ready().then(done, done) // where it failed, it is asked for again when it is needed
  }
}

/** soon fetches parts once the screen has been whole and at rest for a while. It gives the way to call it off. */
export function soon(...parts: Part[]): () => void {
  asked.add(parts)
  left = rest
  if (!watching) setTimeout(look, step)
  watching = true
  return () => void asked.delete(parts)
}
