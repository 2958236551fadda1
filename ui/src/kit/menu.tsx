import type { ReactNode } from 'react'
import { Menu as AriaMenu, Header, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from 'react-aria-components'
import { Icon } from './icon.tsx'

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
  href?: string
  act?: () => void
}

/** A group of entries under a title. */
export interface MenuGroup {
  id: string
  title?: string
  entries: MenuEntry[]
}

/** Menu opens a list of actions under a button. */
export function Menu({ button, groups, label }: { button: ReactNode; groups: MenuGroup[]; label: string }) {
  const shown = groups.filter((g) => g.entries.length > 0)
  return (
    <MenuTrigger>
      {button}
      <Popover className="pop" placement="bottom end">
        <AriaMenu
          className="list"
          aria-label={label}
          disabledKeys={shown.flatMap((g) => g.entries.filter((e) => e.disabled).map((e) => e.id))}
        >
          {shown.map((g, i) => (
            <MenuSection key={g.id} className="list-section" aria-label={g.title ?? label}>
              {i > 0 && !g.title && <Separator className="list-line" />}
              {g.title && <Header className="list-head">{g.title}</Header>}
              {g.entries.map((e) => (
                <MenuItem
                  key={e.id}
                  id={e.id}
                  textValue={e.text}
                  href={e.href}
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
    </MenuTrigger>
  )
}
