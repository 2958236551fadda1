import { useSyncExternalStore } from 'react'

const narrow = window.matchMedia('(max-width: 720px)')

/** usePhone is true where there is room for one column alone. */
export function usePhone(): boolean {
  return useSyncExternalStore(
    (f) => {
      narrow.addEventListener('change', f)
      return () => narrow.removeEventListener('change', f)
    },
    () => narrow.matches,
  )
}
