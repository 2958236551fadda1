import { label, t } from '../i18n/i18n.ts'
import type { Rec } from './record.ts'
import type { AppMeta, EntityMeta, FieldMeta, MenuMeta } from './types.ts'

/** entityOf finds an entity that the person has something in. */
export function entityOf(meta: AppMeta, name: string): EntityMeta | undefined {
  return meta.entities.find((e) => e.name === name)
}

/** documentOf is the record that posted an entry of a ledger, where the person has something in its entity. */
export function documentOf(meta: AppMeta, entity: string, entry: Rec): { entity: EntityMeta; id: string } | undefined {
  if (entityOf(meta, entity)?.kept !== 'entry') return undefined
  const by = typeof entry.source === 'string' ? entityOf(meta, entry.source) : undefined
  return by && typeof entry.document === 'string' ? { entity: by, id: entry.document } : undefined
}

/** fieldOf finds a field by name. */
export function fieldOf(entity: EntityMeta | undefined, name: string): FieldMeta | undefined {
  return entity?.fields.find((f) => f.name === name)
}

/** fieldAt follows a dotted path over references: "supplier.name". */
export function fieldAt(meta: AppMeta, entity: EntityMeta | undefined, path: string): FieldMeta | undefined {
  let at = entity
  let found: FieldMeta | undefined
  for (const name of path.split('.')) {
    found = fieldOf(at, name)
    if (!found) return undefined
    at = found.target ? entityOf(meta, found.target) : undefined
  }
  return found
}

const own = new Set([
  'id',
  'version',
  'created_at',
  'created_by',
  'updated_at',
  'updated_by',
  'owner',
  'department',
  'deleted_at',
])

/** isSystem is true for what every record has. */
export const isSystem = (name: string): boolean => own.has(name)

/** firstView is the view that an app opens with: its home, else the first of its menu. */
export function firstView(meta: AppMeta): string | undefined {
  if (meta.home) return meta.home
  const first = (items: MenuMeta[]): string | undefined => {
    for (const i of items) {
      const found = i.view ?? first(i.items ?? [])
      if (found) return found
    }
    return undefined
  }
  return first(meta.menu) ?? meta.views.find((v) => v.type !== 'form')?.name
}

/** tableOf is the table over an entity: the one that is called after it, or the first. */
export function tableOf(meta: AppMeta, entity: string): string | undefined {
  const all = meta.views.filter((v) => v.type === 'table' && v.entity === entity)
  return (all.find((v) => v.name === `${entity}_table`) ?? all[0])?.name
}

/** formOf is the first form over an entity. */
export function formOf(meta: AppMeta, entity: string): string | undefined {
  return meta.views.find((v) => v.type === 'form' && v.entity === entity)?.name
}

/** titlesOf names fields for a sentence. */
export const titlesOf = (entity: EntityMeta, names: string[]): string =>
  names
    .flatMap((n) => {
      const f = entity.fields.find((x) => x.name === n)
      return f ? [label(f.title, n)] : []
    })
    .join(t('common.listSeparator'))
