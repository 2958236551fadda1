import { cloneElement, type KeyboardEvent, type ReactElement, Suspense, useEffect, useRef, useState } from 'react'
import type { ButtonProps } from './button.tsx'
import { late, soon } from './late.tsx'
import type { MenuListProps } from './menuList.tsx'

export interface MenuEntry {
  id: string
  text: string
  icon?: string
  note?: string
  danger?: boolean
  disabled?: boolean
  /** Why it can't be done; shown below. */
  reason?: string
  checked?: boolean
  act?: () => void
}

/** A group of entries under a title. */
export interface MenuGroup {
  id: string
  title?: string
  entries: MenuEntry[]
}

const MenuList = late<MenuListProps>(() => import('./menuList.tsx').then((m) => m.MenuList))

/** Menu opens a list of actions under a button. */
export function Menu({
  button,
  groups,
  label,
}: {
  button: ReactElement<ButtonProps>
  groups: MenuGroup[]
  label: string
}) {
  const [open, setOpen] = useState<'first' | 'last'>()
  const at = useRef<HTMLButtonElement>(null)
  useEffect(() => soon(MenuList), [])
  const key = (e: KeyboardEvent): void => {
    if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
    e.preventDefault()
    e.stopPropagation()
    setOpen(e.key === 'ArrowDown' ? 'first' : 'last')
  }
  return (
    <>
      {cloneElement(button, {
        ref: at,
        'aria-haspopup': 'menu',
        'aria-expanded': !!open,
        onPress: () => setOpen('first'),
        onKeyDown: key,
        onPointerEnter: () => void MenuList.ready(),
      })}
      {open && (
        <Suspense>
          <MenuList
            label={label}
            groups={groups.filter((g) => g.entries.length > 0)}
            at={at}
            focus={open}
            onClose={() => setOpen(undefined)}
          />
        </Suspense>
      )}
    </>
  )
}
