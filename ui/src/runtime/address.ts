import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

type Address = Record<string, string | undefined>

/** useAddress is what the address says behind the "?", and a way to change some of it. Every state of a screen that is
 * worth coming back to is kept there. */
export function useAddress(): [Address, (patch: Address) => void] {
  const search = useSearch({ strict: false }) as Address
  const navigate = useNavigate()
  const change = useCallback(
    (patch: Address) => void navigate({ to: '.', search: (s: Address) => ({ ...s, ...patch }), replace: true }),
    [navigate],
  )
  return [search, change]
}
