import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useLive } from '../../api/live.ts'
import { problemOf } from '../../api/problem.ts'
import { queries } from '../../api/query.ts'
import { entityOf, fieldAt } from '../../meta/find.ts'
import type { AppMeta } from '../../meta/types.ts'
import { equals, isMonthly } from './cel.ts'
import type { Column } from './columns.ts'
import { Model, type Question } from './model.ts'
import { aggregate, type Bucket, heavy, measuresOf, useTotals } from './question.ts'
import { newSegment, type Segment } from './segment.ts'

const together = 120 // milliseconds in which events are gathered
const pause = 1200 // between two reckonings of totals
const mostAtOnce = 100

async function segmentsOf(meta: AppMeta, q: Question, group: string, columns: Column[]): Promise<Segment[]> {
  if (!group || q.query.deleted) return [newSegment('')]
  const field = fieldAt(meta, entityOf(meta, q.entity), group)
  if (!field) return [newSegment('')]
  const display = field.target && entityOf(meta, field.target)?.display
  const key = isMonthly(field.kind) ? `${group}:month` : group
  const by = display ? [key, `${group}.${display}`] : [key]
  const measures = [{ fn: 'count', as: 'n' }, ...measuresOf(columns)]
  const { groups } = await aggregate(q, { group_by: by, measures }).catch((e) => {
    if (problemOf(e).code !== 'query.too_complex') throw e
    return aggregate(q, { group_by: by, measures: measures.slice(0, 1) })
  })
  const order = (b: Bucket): number => {
    const at = field.options?.findIndex((o) => o.name === b.key[key]) ?? -1
    return at < 0 ? Number.MAX_SAFE_INTEGER : at
  }
  const named = groups.map((b) => {
    const name = display ? b.key[`${group}.${display}`] : undefined
    return { b, name: typeof name === 'string' ? name : undefined }
  })
  named.sort((x, y) => order(x.b) - order(y.b) || (x.name ?? '').localeCompare(y.name ?? '', 'zh-CN'))
  return named.map(({ b, name }) => {
    const value = b.key[key]
    const where = equals(group, field.kind, value)
    return newSegment(where, { where, value, name, values: b.values, count: Number(b.values.n) })
  })
}

/** useTable reads what a table shows and keeps it up to date. The model of the last question stays until the next one has
 * its first page. */
export function useTable(meta: AppMeta, q: Question, group: string, columns: Column[]) {
  const key = JSON.stringify([q, group])
  const [model, setModel] = useState<Model>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(true)
  const [turn, setTurn] = useState(0)
  const latest = useRef<{ model?: Model }>({})
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when the question is another one
  useEffect(() => {
    let current = true
    setBusy(true)
    let next: Model | undefined
    const show = async (): Promise<void> => {
      const segments = await segmentsOf(meta, q, group, columns)
      next = new Model(q, segments)
      const first = segments.find((s) => s.open)
      if (first) await next.fill(first)
      if (!current) return
      if (first?.error) throw first.error
      latest.current.model?.stop()
      latest.current.model = next
      setModel(next)
      setError(undefined)
    }
    show()
      .catch((e) => current && setError(e))
      .finally(() => current && setBusy(false))
    return () => {
      current = false
      if (next && latest.current.model !== next) next.stop()
    }
  }, [key, turn])
  useSyncExternalStore(model?.subscribe ?? nobody, () => model?.stamp ?? 0)
  const totals = useTotals(q, columns)
  const reload = useCallback(() => setTurn((n) => n + 1), [])
  useFollow(q, model, reload)
  const single = model && !model.grouped ? model.segments[0] : undefined
  useEffect(() => {
    if (!single || totals.count === undefined || single.count === totals.count || model?.ask !== q) return
    single.count = totals.count
    model.changed()
  }, [single, totals.count, model, q])
  return { model, error, busy, reload, totals }
}

const nobody = () => () => {}

function useFollow(q: Question, model: Model | undefined, reload: () => void): void {
  const waiting = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const sums = useRef<ReturnType<typeof setTimeout>>(undefined)
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  const now = useRef(model)
  now.current = model
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      clearTimeout(sums.current)
      clearTimeout(late.current)
      sums.current = undefined
      late.current = undefined
    },
    [],
  )
  const again = useMemo(
    () => () => {
      sums.current ??= setTimeout(() => {
        sums.current = undefined
        void queries.invalidateQueries({ queryKey: ['table', q.app, q.entity] })
      }, pause)
      late.current ??= setTimeout(() => {
        late.current = undefined
        void queries.invalidateQueries({ queryKey: ['sums', q.app, q.entity] })
      }, heavy)
    },
    [q.app, q.entity],
  )
  useLive((e) => {
    if (e.type === 'resync') return again()
    if (e.type.startsWith('tenon.entity.recomputed') && e.app === q.app && e.entity === q.entity) {
      again()
      return reload()
    }
    if (!e.type.startsWith('tenon.record.') || e.app !== q.app || e.entity !== q.entity || !e.id) return
    again()
    const m = now.current
    if (!m) return
    if (e.type.includes('.deleted')) {
      if (!q.query.deleted) return m.drop([e.id])
    }
    waiting.current.add(e.id)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const ids = [...waiting.current].slice(0, mostAtOnce)
      waiting.current.clear()
      now.current?.refresh(ids).catch(() => {}) // told again with the next event; the stream's loss is shown elsewhere
    }, together)
  })
}
