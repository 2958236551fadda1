import { useQueries } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useMeta, useView } from '../../api/apps.ts'
import { call } from '../../api/client.ts'
import { Problem } from '../../api/problem.ts'
import { recordQuery, verbPath } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf, formOf } from '../../meta/find.ts'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import type { Answer } from '../form/answer.ts'
import { Desk } from './Desk.tsx'
import { mostPrinted } from './page.ts'
import { partsOf, planOf, together } from './paper.ts'
import { numberOf, paperTitle, RecordPaper } from './RecordPaper.tsx'
import { useWish } from './wish.ts'

const Choose = lazy(() => import('./Choose.tsx').then((m) => ({ default: m.Choose })))

const hiddenQuery = (
  app: string,
  entity: string,
  id: string,
  form: string | undefined,
  version: number | undefined,
) => ({
  queryKey: ['record', app, entity, id, 'hidden', form, version],
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<string[]> => {
    const body = { id, values: {}, form }
    return (await call<Answer>('POST', verbPath(app, entity, 'evaluate'), { body, signal })).hidden
  },
  enabled: version !== undefined,
  retry: false,
})

/** RecordsPrint shows records as papers: one, or several that were selected. */
export function RecordsPrint() {
  const { app, entity, ids = '' } = useParams({ strict: false }) as { app: string; entity: string; ids?: string }
  const { view: from } = useSearch({ strict: false }) as { view?: string }
  const meta = useMeta(app)
  const e = entityOf(meta, entity)
  const table = useView(app, from)
  const form = useView(app, from && table.isLoading ? undefined : (table.data?.form ?? formOf(meta, entity)))
  const list = useMemo(() => ids.split(',').filter(Boolean).slice(0, mostPrinted), [ids])
  if (!e) return <Failed alone error={new Problem(404, {})} />
  if ((from && table.isLoading) || form.isLoading)
    return (
      <div className="page">
        <Skeleton shape="form" />
      </div>
    )
  return <Papers key={ids} app={app} entity={e} ids={list} view={form.data} from={from} />
}

function Papers({
  app,
  entity,
  ids,
  view,
  from,
}: {
  app: string
  entity: EntityMeta
  ids: string[]
  view?: ViewMeta
  from?: string
}) {
  const meta = useMeta(app)
  const navigate = useNavigate()
  const [at] = useState(() => new Date().toISOString())
  const [choosing, setChoosing] = useState(false)
  const [wish, setWish] = useWish(app, view?.name ?? entity.name)
  const found = useQueries({ queries: ids.map((id) => recordQuery(app, entity.name, id)) })
  const hidden = useQueries({
    queries: ids.map((id, i) => hiddenQuery(app, entity.name, id, view?.name, found[i]?.data?.version)),
  })
  const ready = found.every((q) => q.data) && hidden.every((q) => !q.isLoading)
  const records = found.flatMap((q) => (q.data ? [q.data as Rec] : []))
  const plans = ready
    ? together((asked) =>
        records.map((r, i) =>
          planOf(entity, view, r, hidden[i]?.data ?? [], { ...wish, orientation: wish.orientation ?? asked }),
        ),
      )
    : []
  const error = found.find((q) => q.error)?.error
  if (error) return <Failed alone error={error} retry={() => void Promise.all(found.map((q) => q.refetch()))} />
  const names = records.flatMap((r) => numberOf(entity, r)?.text ?? [])
  const title = paperTitle(entity, view)
  const said = names.length === 1 ? `${title} ${names[0]}` : title
  const left = [
    ...new Set(
      plans.flatMap((p) =>
        p.blocks.flatMap((b) => (b.kind === 'lines' ? b.left.map((c) => label(c.title, c.path)) : [])),
      ),
    ),
  ]
  const back = (): void => {
    if (ids.length === 1)
      void navigate({
        to: '/a/$app/r/$entity/$id',
        params: { app, entity: entity.name, id: ids[0]! },
        search: { view: from },
      })
    else if (from) void navigate({ to: '/a/$app/v/$view', params: { app, view: from }, search: {} })
    else void navigate({ to: '/a/$app', params: { app } })
  }
  return (
    <Desk
      title={t('print.title', { what: said })}
      foot={names.length === 1 ? said : title}
      orientation={plans[0]?.orientation ?? 'portrait'}
      wish={wish}
      onWish={setWish}
      onChoose={() => setChoosing(true)}
      onBack={back}
      notes={left.length ? [t('print.left', { list: left.join(t('common.listSeparator')) })] : []}
      ready={ready}
    >
      {ready ? (
        plans.map((p) => (
          <RecordPaper key={p.record.id} entity={entity} view={view} plan={p} currency={meta.currency} at={at} />
        ))
      ) : (
        <div className="paper">
          <Skeleton shape="form" />
        </div>
      )}
      {choosing && (
        <Suspense fallback={null}>
          <Choose parts={partsOf(entity, view)} wish={wish} onWish={setWish} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </Desk>
  )
}
