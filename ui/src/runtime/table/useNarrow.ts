import { useSyncExternalStore } from 'react'

const phone = '(max-width: 720px)'

/** useNarrow is true on a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (f) => {
      const m = matchMedia(phone)
      m.addEventListener('change', f)
      return () => m.removeEventListener('change', f)
    },
    () => matchMedia(phone).matches,
  )
}
