import type { Operator } from '../../cel/conditions.ts'
import { label, t } from '../../i18n/i18n.ts'
import { entityOf, fieldAt, isSystem } from '../../meta/find.ts'
import type { AppMeta, FieldMeta, Kind } from '../../meta/types.ts'

/** A field that a condition may be about: of the entity, or one step over a reference. */
export interface FilterField {
  path: string
  title: string
  field: FieldMeta
}

const never: ReadonlySet<Kind> = new Set<Kind>(['lines', 'json', 'richtext'])
const hidden = new Set(['deleted_at', 'version'])
const steps: ReadonlySet<Kind> = new Set<Kind>(['reference', 'tree'])

const may = (f: FieldMeta): boolean => !never.has(f.kind) && !hidden.has(f.name)

/** filterFields lists what may be asked about: the entity's fields first, what every record has after them, then those of what
 * it refers to. */
export function filterFields(meta: AppMeta, entity: string): FilterField[] {
  const all = entityOf(meta, entity)?.fields ?? []
  const own = [...all.filter((f) => !isSystem(f.name)), ...all.filter((f) => isSystem(f.name))]
  const out: FilterField[] = own.filter(may).map((f) => ({ path: f.name, title: label(f.title, f.name), field: f }))
  for (const f of own) {
    const target = steps.has(f.kind) && f.target ? entityOf(meta, f.target) : undefined
    for (const g of target?.fields ?? []) {
      if (!may(g) || g.name === 'id') continue
      const title = t('filter.of', { above: label(f.title, f.name), field: label(g.title, g.name) })
      out.push({ path: `${f.name}.${g.name}`, title, field: g })
    }
  }
  return out
}

/** filterField finds the field of a path, however many steps it has. */
export function filterField(meta: AppMeta, entity: string, path: string): FilterField | undefined {
  const field = fieldAt(meta, entityOf(meta, entity), path)
  if (!field) return undefined
  const names = path
    .split('.')
    .map((_, i, all) => label(fieldAt(meta, entityOf(meta, entity), all.slice(0, i + 1).join('.'))?.title, path))
  return { path, title: names.reduce((above, name) => t('filter.of', { above, field: name })), field }
}

const order: Operator[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'blank', 'filled']
const texts: Operator[] = ['contains', 'lacks', 'eq', 'ne', 'starts', 'ends', 'blank', 'filled']
const equal: Operator[] = ['eq', 'ne', 'blank', 'filled']
const byKind: Partial<Record<Kind, Operator[]>> = {
  integer: order,
  decimal: order,
  money: order,
  percent: order,
  date: order,
  datetime: order,
  boolean: ['true', 'false', 'blank'],
  choice: ['in', 'notIn', 'blank', 'filled'],
  choices: ['has', 'hasNot', 'blank', 'filled'],
  reference: equal,
  tree: equal,
  user: equal,
  department: equal,
  references: ['has', 'hasNot', 'blank', 'filled'],
  file: ['blank', 'filled'],
  image: ['blank', 'filled'],
  time: ['blank', 'filled'],
  duration: ['blank', 'filled'],
}

/** operatorsOf lists how a kind of field can be asked about; the first is what a new row begins with. */
export const operatorsOf = (kind: Kind): Operator[] => byKind[kind] ?? texts

const dated: Partial<Record<Operator, 'before' | 'notAfter' | 'after' | 'notBefore'>> = {
  lt: 'before',
  le: 'notAfter',
  gt: 'after',
  ge: 'notBefore',
}

/** operatorText names an operator; dates are before and after rather than less and more. */
export function operatorText(op: Operator, kind: Kind): string {
  const day = kind === 'date' || kind === 'datetime' ? dated[op] : undefined
  return t(`filter.${day ?? op}`)
}

/** valueless is true for operators that need nothing to compare with. */
export const valueless = (op: Operator): boolean => ['blank', 'filled', 'true', 'false'].includes(op)
