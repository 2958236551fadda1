import { Dialog, Popover } from 'react-aria-components'
import type { PopProps } from './pop.tsx'

/** PopFrame is what Pop shows. */
export function PopFrame({ at, className, label, end, onClose, children }: PopProps) {
  const list = label === undefined
  return (
    <Popover
      className={`pop ${className ?? ''}`}
      triggerRef={at}
      isNonModal={list}
      isOpen
      onOpenChange={(o) => !o && onClose()}
      placement={end ? 'bottom end' : 'bottom start'}
      offset={list ? 4 : undefined}
      style={list ? ({ '--trigger-width': `${at.current?.offsetWidth ?? 0}px` } as Record<string, string>) : undefined}
    >
      {list ? (
        children
      ) : (
        <Dialog aria-label={label} className="pop-in">
          {children}
        </Dialog>
      )}
    </Popover>
  )
}
