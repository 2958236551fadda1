import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { call, path } from '../../api/client.ts'
import { problemOf } from '../../api/problem.ts'
import { queries } from '../../api/query.ts'
import { entityPath, listRecords } from '../../api/records.ts'
import { t } from '../../i18n/i18n.ts'
import { toast } from '../../kit/toast.tsx'
import { fieldOf } from '../../meta/find.ts'
import { expandOf, type Rec, type RecordList, show, valueAt } from '../../meta/record.ts'
import type { EntityMeta, Kind, ViewMeta } from '../../meta/types.ts'
import { both } from '../board/board.ts'
import { type Entry, entryOf, within } from './calendar.ts'

const pageSize = 200
/** The most records of a range that are shown. */
export const mostShown = 1000

export interface Calendar {
  entries: Entry[]
  list: RecordList | undefined
  cut: boolean
  error: unknown
  loading: boolean
  retry: () => void
  kinds: Kinds
  /** Why a record went back to its day. */
  refused: { text: string } | undefined
  dismiss: () => void
  movable: boolean
  /** Gives a record other dates. People are told where it is then, and where it was. */
  move: (e: Entry, values: Record<string, string>, to: string, from: string) => void
  titleOf: (r: Rec) => string
}

export interface Kinds {
  start: Kind
  end: Kind
}

/** kindsOf says whether a calendar stands on dates or on instants. */
export function kindsOf(entity: EntityMeta, view: ViewMeta): Kinds {
  const kind = (name: string | undefined) => (name && fieldOf(entity, name)?.kind) || 'date'
  return { start: kind(view.start), end: kind(view.end) }
}

/** useCalendar reads what stands in a range of days, and puts records on other days. */
export function useCalendar(
  app: string,
  entity: EntityMeta,
  view: ViewMeta,
  first: string,
  last: string,
  narrowed: { search: string; filter: string },
): Calendar {
  const kinds = useMemo(() => kindsOf(entity, view), [entity, view])
  const paths = (view.columns ?? []).map((c) => c.path)
  const fields = [...new Set([view.start, view.end, entity.display, ...paths.map((p) => p.split('.')[0])])]
  const key = ['list', app, entity.name, 'calendar', view.name, first, last, narrowed.search, narrowed.filter]
  const q = useQuery({
    queryKey: key,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const out: RecordList = { records: [], display: {}, colors: {} }
      let token: string | undefined = ''
      while (token !== undefined && out.records.length < mostShown) {
        const page: RecordList = await listRecords(
          app,
          entity.name,
          {
            view: view.name,
            filter: both(within(view, kinds, first, last), narrowed.filter),
            search: narrowed.search,
            order_by: view.start,
            page_size: pageSize,
            page_token: token,
            fields: fields.filter(Boolean).join(','),
            expand: expandOf(paths),
            display: true,
          },
          signal,
        )
        out.records.push(...page.records)
        Object.assign(out.display!, page.display)
        Object.assign(out.colors!, page.colors)
        token = page.next_page_token
      }
      return { ...out, next_page_token: token }
    },
  })
  const [moving, setMoving] = useState<ReadonlyMap<string, Record<string, string>>>(new Map())
  const [refused, setRefused] = useState<Calendar['refused']>()
  const entries = useMemo(
    () =>
      (q.data?.records ?? []).flatMap(
        (r) => entryOf(view, kinds, moving.has(r.id) ? { ...r, ...moving.get(r.id) } : r) ?? [],
      ),
    [q.data, moving, view, kinds],
  )
  const titleOf = (r: Rec): string => {
    const c = view.columns?.[0]
    return (c && show(c, valueAt(r, c.path), q.data?.display)) || t('board.unnamed')
  }
  const put = async (e: Entry, values: Record<string, string>, to: string, from?: string): Promise<void> => {
    setMoving((m) => new Map(m).set(e.rec.id, values))
    setRefused(undefined)
    const card = titleOf(e.rec)
    try {
      const after = await call<Rec>('PATCH', entityPath(app, entity.name) + path(e.rec.id), {
        body: values,
        ifMatch: e.rec.version,
        query: { fields: fields.filter(Boolean).join(',') },
      })
      const merged = { ...e.rec, ...after }
      queries.setQueryData<RecordList>(key, (old) =>
        old ? { ...old, records: old.records.map((r) => (r.id === merged.id ? { ...r, ...after } : r)) } : old,
      )
      const now = entryOf(view, kinds, merged)
      const before = Object.fromEntries(Object.keys(values).map((name) => [name, String(e.rec[name])]))
      toast('ok', t(from ? 'calendar.moved' : 'calendar.undone', { card, day: to }), {
        action: from && now ? { text: t('common.undo'), act: () => void put(now, before, from) } : undefined,
      })
    } catch (x) {
      const p = problemOf(x)
      const why = p.errors.filter((f) => f.severity !== 'warning').map((f) => f.message)
      const text = why.join(' ') || (p.offline ? t('states.offlineTitle') : p.detail || t('states.errorTitle'))
      setRefused({ text: `${t('calendar.refused', { card, day: to })} ${text}` })
      void queries.invalidateQueries({ queryKey: key })
    } finally {
      setMoving((m) => new Map([...m].filter(([id]) => id !== e.rec.id)))
    }
  }
  const writable = (name: string | undefined): boolean => !name || !!fieldOf(entity, name)?.writable
  return {
    entries,
    list: q.data,
    cut: !!q.data?.next_page_token,
    error: q.data ? undefined : q.error,
    loading: q.isLoading,
    retry: () => void q.refetch(),
    refused,
    dismiss: useCallback(() => setRefused(undefined), []),
    movable: entity.actions.includes('update') && writable(view.start) && writable(view.end),
    kinds,
    move: (e, values, to, from) => void put(e, values, to, from),
    titleOf,
  }
}
