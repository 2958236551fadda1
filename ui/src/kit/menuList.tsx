import type { RefObject } from 'react'
import { Menu as AriaMenu, Header, MenuItem, MenuSection, Popover, Separator } from 'react-aria-components'
import { Icon } from './icon.tsx'
import type { MenuGroup } from './menu.tsx'

export interface MenuListProps {
  label: string
  groups: MenuGroup[]
  at: RefObject<HTMLElement | null>
  /** Which entry has the focus when it opens. */
  focus: 'first' | 'last'
  onClose: () => void
}

/** MenuList is what a menu shows once it is open. */
export function MenuList({ label, groups, at, focus, onClose }: MenuListProps) {
  return (
    <Popover
      className="pop"
      trigger="MenuTrigger"
      triggerRef={at}
      isOpen
      onOpenChange={(o) => !o && onClose()}
      placement="bottom end"
      aria-label={label}
    >
      <AriaMenu
        className="list"
        aria-label={label}
        autoFocus={focus}
        onClose={onClose}
        disabledKeys={groups.flatMap((g) => g.entries.filter((e) => e.disabled).map((e) => e.id))}
      >
        {groups.map((g, i) => (
          <MenuSection key={g.id} className="list-section" aria-label={g.title ?? label}>
            {i > 0 && !g.title && <Separator className="list-line" />}
            {g.title && <Header className="list-head">{g.title}</Header>}
            {g.entries.map((e) => (
              <MenuItem
                key={e.id}
                id={e.id}
                textValue={e.text}
                onAction={e.act}
                className={`list-item ${e.danger ? 'danger' : ''}`}
              >
                {e.icon && <Icon name={e.icon} />}
                {e.checked !== undefined && <Icon name="check" className={e.checked ? '' : 'unseen'} />}
                <span className="list-text">
                  {e.text}
                  {e.reason && <span className="list-reason">{e.reason}</span>}
                </span>
                {e.note && <kbd className="list-note">{e.note}</kbd>}
              </MenuItem>
            ))}
          </MenuSection>
        ))}
      </AriaMenu>
    </Popover>
  )
}
