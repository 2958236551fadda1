import type { ReactNode } from 'react'
import { Tooltip, TooltipTrigger } from 'react-aria-components'

/** Tip shows a short text beside a control that is pointed at or has the focus. */
export function Tip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={500} closeDelay={50}>
      {children}
      <Tooltip className="tip" offset={6}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  )
}
