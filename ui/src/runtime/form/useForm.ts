import { useCallback, useSyncExternalStore } from 'react'
import type { FieldState } from './answer.ts'
import type { FormStore } from './store.ts'

/** useField is one field of a form; the component is drawn anew only when that field changes. */
export function useField(store: FormStore, name: string): FieldState {
  return useSyncExternalStore(
    useCallback((f: () => void) => store.on(name, f), [store, name]),
    () => store.get(name),
  )
}

/** useWhole follows the form as a whole: whether it is dirty, what is wrong with it. */
export function useWhole<T>(store: FormStore, read: () => T): T {
  return useSyncExternalStore(
    useCallback((f: () => void) => store.on('', f), [store]),
    read,
  )
}
