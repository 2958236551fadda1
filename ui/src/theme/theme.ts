import { useSyncExternalStore } from 'react'

/** How the interface is lit: as the device says, or as the person chose on this device. */
export type Theme = 'system' | 'light' | 'dark'

const key = 'tenon.theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

export function theme(): Theme {
  const saved = localStorage.getItem(key)
  return saved === 'light' || saved === 'dark' ? saved : 'system'
}

function lit(): 'light' | 'dark' {
  const chosen = theme()
  if (chosen !== 'system') return chosen
  return dark.matches ? 'dark' : 'light'
}

/** Paints the page; called once before the first render and whenever something changes. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = lit()
  for (const f of listeners) f()
}

export function setTheme(next: Theme): void {
  if (next === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, next)
  applyTheme()
}

dark.addEventListener('change', applyTheme)

function subscribe(f: () => void): () => void {
  listeners.add(f)
  return () => listeners.delete(f)
}

/** useTheme is the chosen theme and what it comes to now. */
export function useTheme(): { chosen: Theme; lit: 'light' | 'dark' } {
  const chosen = useSyncExternalStore(subscribe, theme)
  return { chosen, lit: useSyncExternalStore(subscribe, lit) }
}
