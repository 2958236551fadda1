import { useQueries } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { entityPath } from '../../api/records.ts'
import { type Node, type Operand, parse, type Row } from '../../cel/conditions.ts'
import { t } from '../../i18n/i18n.ts'
import { entityOf } from '../../meta/find.ts'
import { type Display, type Rec, show } from '../../meta/record.ts'
import type { AppMeta, FieldMeta } from '../../meta/types.ts'
import { filterField, operatorText, valueless } from './fields.ts'

function operandText(field: FieldMeta, v: Operand, names: Display): string {
  switch (v.type) {
    case 'list':
      return v.items.map((i) => operandText(field, i, names)).join(t('common.listSeparator'))
    case 'today':
      if (v.days === 0) return t('filter.today')
      return t(v.days < 0 ? 'filter.nDaysAgo' : 'filter.nDaysAhead', { n: Math.abs(v.days) })
    case 'me':
      return t('filter.me')
    case 'bool':
      return t(v.value ? 'common.yes' : 'common.no')
    default:
      return show(field.kind === 'choices' ? { ...field, kind: 'choice' } : field, v.text, names)
  }
}

function rowText(meta: AppMeta, entity: string, row: Row, names: Display): string {
  const found = filterField(meta, entity, row.path)
  if (!found) return row.source ?? row.path
  const op = operatorText(row.op, found.field.kind)
  const value = row.value && !valueless(row.op) ? operandText(found.field, row.value, names) : ''
  return t('filter.sentence', { field: found.title, op, value }).trim()
}

/** sentence says a condition in words. names are what the ids in it are called. */
export function sentence(meta: AppMeta, entity: string, cel: string, names: Display = {}): string {
  const say = (n: Node, top: boolean): string => {
    if (n.kind === 'raw') return n.text
    if (n.kind === 'row') return rowText(meta, entity, n, names)
    const text = n.items.map((i) => say(i, false)).join(t(n.op === 'and' ? 'filter.and' : 'filter.or'))
    return top || n.items.length < 2 ? text : t('filter.bracket', { text })
  }
  return say(parse(cel), true)
}

interface Wanted {
  target: string
  id: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const most = 8

function mentioned(meta: AppMeta, entity: string, n: Node): Wanted[] {
  if (n.kind === 'group') return n.items.flatMap((i) => mentioned(meta, entity, i))
  if (n.kind === 'raw' || !n.value) return []
  const target = filterField(meta, entity, n.path)?.field.target
  if (!target || !entityOf(meta, target)) return [] // lines have no page of their own
  const ids = n.value.type === 'list' ? n.value.items : [n.value]
  return ids.flatMap((v) => (v.type === 'text' && uuid.test(v.text) ? [{ target, id: v.text }] : []))
}

/** useNames reads what the records are called that a condition names. */
export function useNames(meta: AppMeta, entity: string, cel: string): Display {
  const wanted = mentioned(meta, entity, parse(cel)).slice(0, most)
  const found = useQueries({
    queries: wanted.map(({ target, id }) => ({
      queryKey: ['record', meta.app, target, id, 'name'],
      queryFn: () => call<Rec>('GET', entityPath(meta.app, target, id)),
      staleTime: 300_000,
      retry: false,
    })),
  })
  const names: Display = {}
  wanted.forEach(({ target, id }, i) => {
    const field = entityOf(meta, target)?.display
    const text = field && found[i]?.data?.[field]
    if (text) names[id] = String(text)
  })
  return names
}
