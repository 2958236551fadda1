import { Dialog, Popover } from 'react-aria-components'
import type { PopProps } from './pop.tsx'

/** PopFrame is what Pop shows. A list is no dialog and stands at the end of the page: it is a region of its own there. */
export function PopFrame({ at, className, label, list, end, onClose, children }: PopProps) {
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
        <section aria-label={label}>{children}</section>
      ) : (
        <Dialog aria-label={label} className="pop-in">
          {children}
        </Dialog>
      )}
    </Popover>
  )
}
