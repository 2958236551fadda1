import { queryOptions, useQuery } from '@tanstack/react-query'
import { listRecords } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { entityOf, fieldOf } from '../../meta/find.ts'
import type { AppMeta, FieldMeta, ViewMeta } from '../../meta/types.ts'
import { is, type Slot, type Sum } from './board.ts'
import { type Asked, namesQuery } from './data.ts'

const mostPeople = 30

// People and departments are no entities of the app: a record that mentions one says what it is called.
const peopleQuery = (a: Asked, field: FieldMeta | undefined, ids: string[]) =>
  queryOptions({
    queryKey: ['board', a.app, a.entity.name, 'people', field?.name, ids],
    enabled: (field?.kind === 'user' || field?.kind === 'department') && ids.length > 0,
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const ask = (id: string) =>
        listRecords(
          a.app,
          a.entity.name,
          { view: a.view.name, filter: is(field!.name, id), fields: field!.name, display: true, page_size: 1 },
          signal,
        )
      const read = await Promise.all(ids.slice(0, mostPeople).map(ask))
      return new Map(read.flatMap((l) => Object.entries(l.display ?? {})))
    },
  })

function ofOptions(field: FieldMeta, given: ViewMeta['board_columns'], used: string[]): Slot[] {
  const slots: Slot[] = given?.length
    ? given.map((c) => ({ value: c.value, title: label(c.title, c.value), color: c.color, limit: c.limit }))
    : (field.options ?? [])
        .filter((o) => !o.retired)
        .map((o) => ({ value: o.name, title: label(o.title, o.name), color: o.color }))
  for (const value of used) {
    if (value === '' || slots.some((s) => s.value === value)) continue
    const o = field.options?.find((x) => x.name === value)
    slots.push({ value, title: label(o?.title, value), color: o?.color })
  }
  return slots
}

/** useSlots lists the columns, or the lanes, of a board: those that the documents say, and those that have cards. */
export function useSlots(
  a: Asked,
  meta: AppMeta,
  name: string | undefined,
  sums: Map<string, Sum>,
  columns?: ViewMeta['board_columns'],
): Slot[] | undefined {
  const field = name ? fieldOf(a.entity, name) : undefined
  const used = [...sums.keys()]
  const ids = used.filter((v) => v !== '').sort()
  const target = field?.kind === 'reference' && field.target ? entityOf(meta, field.target) : undefined
  const named = useQuery(namesQuery(a.app, target, ids))
  const people = useQuery(peopleQuery(a, field, ids))
  if (!field) return []
  const none: Slot[] = used.includes('') ? [{ value: '', title: t('board.noValue') }] : []
  if (field.options?.length) return [...ofOptions(field, columns, used), ...none]
  if (field.kind === 'boolean') return none
  if ((target?.display && !named.data) || (people.isLoading && ids.length > 0)) return undefined
  const names = named.data?.names ?? people.data ?? new Map<string, string>()
  const shown = new Set([...(named.data?.few ? names.keys() : []), ...ids])
  const slots = [...shown].map((value) => ({ value, title: names.get(value) || t('board.unnamed') }))
  return [...slots.sort((x, y) => x.title.localeCompare(y.title)), ...none]
}
