import { useSyncExternalStore } from 'react'

/** A record that a person has opened on this device. */
export interface Visit {
  app: string
  entity: string
  id: string
  text: string
  at: number
}

const most = 30
const listeners = new Set<() => void>()
const read = new Map<string, Visit[]>()
const place = (person: string): string => `tenon.recent.${person}`
const nothing: Visit[] = []

function isVisit(v: unknown): v is Visit {
  const r = v as Visit
  return !!r && [r.app, r.entity, r.id, r.text].every((s) => typeof s === 'string') && typeof r.at === 'number'
}

/** visits lists what a person opened on this device, the latest first. */
export function visits(person: string): Visit[] {
  const known = read.get(person)
  if (known) return known
  let list = nothing
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(place(person)) ?? '[]')
    if (Array.isArray(saved)) list = saved.filter(isVisit).slice(0, most)
  } catch {
    // What can't be read is no list: it begins anew.
  }
  read.set(person, list)
  return list
}

function keep(person: string, list: Visit[]): void {
  read.set(person, list)
  localStorage.setItem(place(person), JSON.stringify(list))
  for (const f of listeners) f()
}

const same = (a: Visit, b: Pick<Visit, 'app' | 'entity' | 'id'>): boolean =>
  a.id === b.id && a.entity === b.entity && a.app === b.app

/** visited puts a record first. */
export function visited(person: string, v: Omit<Visit, 'at'>, now = Date.now()): void {
  const list = visits(person)
  if (list[0] && same(list[0], v) && list[0].text === v.text) return
  keep(person, [{ ...v, at: now }, ...list.filter((x) => !same(x, v))].slice(0, most))
}

/** gone drops a record that is not there any more, or that the person may not see any more. */
export function gone(person: string, v: Pick<Visit, 'app' | 'entity' | 'id'>): void {
  const list = visits(person)
  if (list.some((x) => same(x, v)))
    keep(
      person,
      list.filter((x) => !same(x, v)),
    )
}

function follow(f: () => void): () => void {
  const other = (e: StorageEvent): void => {
    if (!e.key?.startsWith('tenon.recent.')) return
    read.clear()
    f()
  }
  listeners.add(f)
  window.addEventListener('storage', other)
  return () => {
    listeners.delete(f)
    window.removeEventListener('storage', other)
  }
}

/** useVisits is what a person opened on this device, the latest first. */
export function useVisits(person: string): Visit[] {
  return useSyncExternalStore(follow, () => visits(person))
}
