import { useState } from 'react'
import type { Orientation } from '../../kit/page.tsx'

/** What somebody wants to have on paper, where that is not what the document says. */
export interface Wish {
  orientation?: Orientation
  /** By field, or "lines.column". */
  shown: Record<string, boolean>
}

const none: Wish = { shown: {} }
const keyOf = (app: string, of: string): string => `tenon.print.${app}.${of}`

function read(key: string): Wish {
  try {
    const v = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Wish>
    const orientation = v.orientation === 'portrait' || v.orientation === 'landscape' ? v.orientation : undefined
    return { orientation, shown: v.shown && typeof v.shown === 'object' ? v.shown : {} }
  } catch {
    return none
  }
}

/** useWish keeps on this device how somebody prints records of a form, or a view. */
export function useWish(app: string, of: string): [Wish, (next: Wish | undefined) => void] {
  const key = keyOf(app, of)
  const [wish, setWish] = useState(() => read(key))
  const change = (next: Wish | undefined): void => {
    if (next) localStorage.setItem(key, JSON.stringify(next))
    else localStorage.removeItem(key)
    setWish(next ?? none)
  }
  return [wish, change]
}
