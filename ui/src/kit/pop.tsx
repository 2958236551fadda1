import { type ReactNode, type RefObject, Suspense, useEffect } from 'react'
import { late, soon } from './late.tsx'

export interface PopProps {
  at: RefObject<HTMLElement | null>
  className?: string
  label: string
  /** A list below an input, which keeps the focus, instead of a little dialog. */
  list?: boolean
  end?: boolean
  onClose: () => void
  children: ReactNode
}

const Frame = late<PopProps>(() => import('./popFrame.tsx').then((m) => m.PopFrame))

/** Pop shows something beside a control, above everything else, for as long as it is there. */
export function Pop(p: PopProps) {
  return (
    <Suspense>
      <Frame {...p} />
    </Suspense>
  )
}

/** useSoonPop fetches what a control needs to open something, in good time. */
export function useSoonPop(): void {
  useEffect(() => soon(Frame), [])
}
