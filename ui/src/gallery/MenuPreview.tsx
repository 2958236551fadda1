import type { TemplatePreview } from '../api/templates.ts'
import { type Key, label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import type { MenuMeta, ViewType } from '../meta/types.ts'

const kinds: Record<ViewType, Key> = {
  form: 'gallery.viewForm',
  table: 'gallery.viewTable',
  board: 'gallery.viewBoard',
  calendar: 'gallery.viewCalendar',
  dashboard: 'gallery.viewDashboard',
}

function Items({ of: x, items }: { of: TemplatePreview; items: MenuMeta[] }) {
  return (
    <ul className="gallery-menu">
      {items.map((i) => {
        const type = x.views.find((v) => v.name === i.view)?.type
        return (
          <li key={i.name}>
            <span className="row">
              <Icon name={i.icon ?? type ?? 'menu'} /> {label(i.title)}
              {type && <span className="soft gallery-small">{t(kinds[type])}</span>}
            </span>
            {!!i.items?.length && <Items of={x} items={i.items} />}
          </li>
        )
      })}
    </ul>
  )
}

/** MenuPreview shows the menu that the app will have. */
export function MenuPreview({ of: x }: { of: TemplatePreview }) {
  return (
    <div className="card card-pad">
      <Items of={x} items={x.menu} />
    </div>
  )
}
