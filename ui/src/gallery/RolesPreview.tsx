import type { TemplatePreview, TemplateRole } from '../api/templates.ts'
import { type Key, label, t } from '../i18n/i18n.ts'
import { Tag } from '../kit/tag.tsx'

const words: Record<string, Key> = {
  read: 'gallery.actRead',
  create: 'gallery.actCreate',
  update: 'gallery.actUpdate',
  delete: 'gallery.actDelete',
  transition: 'gallery.actTransition',
  export: 'gallery.actExport',
  import: 'gallery.actImport',
  assign: 'gallery.actAssign',
}

/** actionsOf writes what a role may do with an entity in words. */
function actionsOf(g: TemplateRole['grants'][number]): string {
  const all = g.transitions?.length && !g.actions.includes('transition') ? [...g.actions, 'transition'] : g.actions
  return all.map((a) => t(words[a] ?? 'gallery.actOther')).join(t('common.listSeparator'))
}

function Grants({ role }: { role: TemplateRole }) {
  return (
    <ul className="gallery-grants">
      {role.grants.map((g) => (
        <li key={g.entity}>
          <strong>{label(g.title, g.entity)}</strong>
          <span className="soft">
            {actionsOf(g)} {g.restricted && <Tag color="orange">{t('gallery.limitedRows')}</Tag>}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** RolesPreview shows the roles of a template and what each may do. */
export function RolesPreview({ of: x }: { of: TemplatePreview }) {
  return (
    <ul className="gallery-roles">
      {x.roles.map((r) => (
        <li key={r.name} className="card card-pad">
          <h2 className="row row-wrap">
            {label(r.title)} {r.installer && <Tag color="green">{t('gallery.installer')}</Tag>}
          </h2>
          <p className="soft">{label(r.help)}</p>
          {r.grants.length > 0 && (
            <details className="gallery-details">
              <summary>{t('gallery.mayDo')}</summary>
              <Grants role={r} />
            </details>
          )}
        </li>
      ))}
    </ul>
  )
}
