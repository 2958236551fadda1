import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { call, path } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { queries } from '../../api/query.ts'
import type { AppMeta } from '../../meta/types.ts'
import { asked, concerned } from './dashboard.ts'
import type { DashboardData, DashboardMeta } from './types.ts'

const gather = 300 // milliseconds in which events are answered together
const later = 3000 // and for the cards that an event concerns only by what is computed
const markFor = 4000

export interface DashboardState {
  data: DashboardData | undefined
  error: unknown
  fetching: boolean
  /** The cards whose numbers changed a moment ago. */
  changed: ReadonlySet<string>
  refresh: (cards?: string[]) => void
}

const said = (d: DashboardData | undefined, card: string): string => {
  const c = d?.cards[card]
  return c ? JSON.stringify([c.rows, c.total, c.records, c.problem]) : ''
}

/** useDashboard asks for all cards at once, and afterwards for those that an event concerns. */
export function useDashboard(
  app: string,
  meta: AppMeta,
  view: DashboardMeta,
  address: Record<string, string | undefined>,
): DashboardState {
  const filters = JSON.stringify(asked(view.filters, address))
  const key = useMemo(() => ['cards', app, view.name, filters], [app, view.name, filters])
  const ask = useCallback(
    (cards: string[] | undefined, signal?: AbortSignal) =>
      call<DashboardData>('POST', `/apps${path(app)}/views${path(view.name)}:data`, {
        body: { filters: JSON.parse(filters), cards },
        signal,
      }),
    [app, view.name, filters],
  )
  const q = useQuery({ queryKey: key, queryFn: ({ signal }) => ask(undefined, signal), placeholderData: (old) => old })
  const [busy, setBusy] = useState(0)
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set())
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>())
  const soon = useRef(new Set<string>())

  const refresh = useCallback(
    async (cards?: string[]): Promise<void> => {
      setBusy((n) => n + 1)
      try {
        const next = await ask(cards)
        const old = queries.getQueryData<DashboardData>(key)
        queries.setQueryData<DashboardData>(key, { ...next, cards: { ...old?.cards, ...next.cards } })
        const now = Object.keys(next.cards).filter((c) => old?.cards[c] && said(old, c) !== said(next, c))
        if (!now.length) return
        setChanged((s) => new Set([...s, ...now]))
        const fade = setTimeout(() => setChanged((s) => new Set([...s].filter((c) => !now.includes(c)))), markFor)
        timers.current.add(fade)
      } catch {
        // what is shown stays, with the time that it is of; the stream's state is told by the shell
      } finally {
        setBusy((n) => n - 1)
      }
    },
    [ask, key],
  )

  const due = useRef<{ soon?: ReturnType<typeof setTimeout>; all?: ReturnType<typeof setTimeout> }>({})
  useEffect(() => {
    const t = timers.current
    const d = due.current
    return () => {
      clearTimeout(d.soon)
      clearTimeout(d.all)
      for (const x of t) clearTimeout(x)
      due.current = {}
    }
  }, [])
  useLive((e) => {
    if (!e.type.startsWith('tenon.record.') || e.app !== app || !e.entity) return
    const d = due.current
    const cards = concerned(meta, view.cards, e.entity)
    for (const c of cards) soon.current.add(c)
    if (cards.length && !d.soon)
      d.soon = setTimeout(() => {
        const now = [...soon.current]
        soon.current.clear()
        d.soon = undefined
        void refresh(now)
      }, gather)
    d.all ??= setTimeout(() => {
      d.all = undefined
      void refresh(view.cards.map((c) => c.name))
    }, later)
  })
  return {
    data: q.data,
    error: q.error,
    fetching: q.isFetching || busy > 0,
    changed,
    refresh: (cards) => void refresh(cards),
  }
}
