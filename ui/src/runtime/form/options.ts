import { queryOptions } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { verbPath } from '../../api/records.ts'
import { decimal } from '../../i18n/format.ts'
import { label } from '../../i18n/i18n.ts'
import type { Given, Option } from '../../kit/finder.tsx'
import type { FieldMeta } from '../../meta/types.ts'
import type { Standing, WidgetProps } from './frame.tsx'

/** What may be chosen in a field, as the server says. */
export interface FoundOption {
  id: string
  display: string
  detail?: string
  /** How much of it is open, where the field says what that is. */
  open?: string
  retired?: boolean
  /** The line of the record that bears the code by which it was found. */
  via?: { field: string; id: string }
  /** What the code says of other fields: the unit of a case. */
  set?: Given
}

/** given is what a choice gives to other fields as values, and as the texts of them. */
export function given(set: Given | undefined): { values: Record<string, string>; display: Record<string, string> } {
  const all = Object.entries(set ?? {})
  return {
    values: Object.fromEntries(all.map(([name, to]) => [name, to.id])),
    display: Object.fromEntries(all.flatMap(([, to]) => (to.display === null ? [] : [[to.id, to.display]]))),
  }
}

export interface FoundOptions {
  options: FoundOption[]
  next_page_token?: string
  /** There are others, of which nothing is open. */
  closed?: boolean
}

/** askOptions asks what a reference, person or department may be, for the record as it stands. */
export function askOptions(
  app: string,
  entity: string,
  field: string,
  search: string,
  at: Standing | undefined,
  signal?: AbortSignal,
  size = 20,
  page = '',
  open = false,
): Promise<FoundOptions> {
  return call<FoundOptions>('POST', verbPath(app, entity, 'options'), {
    body: {
      field: at?.path ?? field,
      search: search || undefined,
      page_size: size,
      page_token: page || undefined,
      id: at?.id,
      values: at?.values ?? {},
      line: at?.line,
      form: at?.form,
      open: open || undefined,
    },
    signal,
  })
}

/** optionsQuery keeps what was found for as long as the list is open. */
export const optionsQuery = (p: WidgetProps, search: string, stamp: number) =>
  queryOptions({
    queryKey: ['options', p.app, p.entity, p.field.name, search, stamp],
    queryFn: async ({ signal }) => {
      const found = await askOptions(p.app, p.entity, p.field.name, search, p.context?.(), signal)
      return { search, options: found.options, more: !!found.next_page_token }
    },
    gcTime: 10_000,
    placeholderData: (old) => old,
  })

/** openText says how much of a choice is open. */
export const openText = (f: FieldMeta, o: FoundOption): string =>
  f.open && o.open ? `${label(f.open)} ${decimal(o.open)}` : ''

export const asOption = (f: FieldMeta, o: FoundOption): Option => ({
  id: o.id,
  text: o.display,
  detail: [openText(f, o), o.detail].filter(Boolean).join(' \u00b7 ') || undefined,
  retired: o.retired,
  set: o.set,
})

// What was picked last, per target: on this device only.
const keep = 5
const place = (p: WidgetProps): string => `tenon.recent.${p.app}.${p.field.target ?? p.field.kind}`

/** recent lists what was picked last in such a field. */
export function recent(p: WidgetProps): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(place(p)) ?? '[]')
    return Array.isArray(list) ? list.filter((x) => typeof x === 'string') : []
  } catch {
    return []
  }
}

/** remember puts what was picked at the front. */
export function remember(p: WidgetProps, id: string): void {
  localStorage.setItem(place(p), JSON.stringify([id, ...recent(p).filter((x) => x !== id)].slice(0, keep)))
}
