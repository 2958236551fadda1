import { Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { count } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Skeleton } from '../../kit/state.tsx'
import { Tip } from '../../kit/tip.tsx'
import { both } from '../board/board.ts'
import { ChartTable, ListTable, NumberBody, PivotTable } from './bodies.tsx'
import { sentence, shapeOf } from './dashboard.ts'
import type { CardData, CardMeta, RowData } from './types.ts'

const Chart = lazy(() => import('./Chart.tsx').then((m) => ({ default: m.Chart })))
const charts = new Set(['bar', 'line', 'pie', 'stacked'])

/** Where the records behind a number are shown. */
export interface Behind {
  app: string
  view: string
  /** The filter of the whole card, of a row of it, and of a measure. */
  filter: (row?: RowData, measure?: string) => string | undefined
}

function ChartBody({ card, data, behind, table }: { card: CardMeta; data: CardData; behind?: Behind; table: boolean }) {
  const navigate = useNavigate()
  const shape = useMemo(() => shapeOf(card, data.rows ?? []), [card, data.rows])
  const onPick = useMemo(
    () =>
      behind &&
      ((row: RowData, measure: string): void => {
        const filter = behind.filter(row, measure)
        if (filter !== undefined)
          void navigate({
            to: '/a/$app/v/$view',
            params: { app: behind.app, view: behind.view },
            search: { filter: filter || undefined },
          })
      }),
    [behind, navigate],
  )
  if (table) return <ChartTable card={card} shape={shape} data={data} behind={behind} />
  return (
    <Suspense fallback={<Skeleton rows={3} />}>
      <Chart card={card} shape={shape} says={sentence(card, shape)} onPick={onPick} />
    </Suspense>
  )
}

function Body(p: { app: string; card: CardMeta; data: CardData; behind?: Behind; table: boolean }) {
  const { app, card, data, behind, table } = p
  if (card.type === 'number') return <NumberBody card={card} data={data} behind={behind} />
  const none = card.type === 'list' ? !data.records?.length : !data.rows?.length
  if (none) return <p className="dash-none">{label(card.empty, t('dashboard.empty'))}</p>
  if (card.type === 'list') return <ListTable card={card} data={data} app={app} />
  if (card.type === 'pivot') return <PivotTable card={card} data={data} behind={behind} />
  return <ChartBody card={card} data={data} behind={behind} table={table} />
}

/** CardFrame is one card: its title, what can be done with it, and its numbers or why there are none. */
export function CardFrame({
  app,
  card,
  data,
  changed,
  retry,
}: {
  app: string
  card: CardMeta
  data: CardData | undefined
  changed: boolean
  retry: () => void
}) {
  const [table, setTable] = useState(false)
  const title = label(card.title, card.name)
  const help = label(card.help)
  const behind = useMemo<Behind | undefined>(() => {
    if (!card.view || data?.filter === undefined) return undefined
    const all = data.filter
    const of = data.measure_filters
    return {
      app,
      view: card.view,
      filter: (row, measure) =>
        row && row.filter === undefined ? undefined : both(all, row?.filter, measure ? of?.[measure] : undefined),
    }
  }, [app, card.view, data?.filter, data?.measure_filters])
  return (
    <section
      className={`card dash-card dash-w${card.width} dash-h${card.height} ${changed ? 'dash-changed' : ''}`}
      aria-label={title}
    >
      <header className="dash-head">
        <h2 className="dash-title">{title}</h2>
        {help && (
          <Tip text={help}>
            <Button look="ghost" size="s" className="btn-icon" aria-label={help}>
              <Icon name="info" size={14} />
            </Button>
          </Tip>
        )}
        {changed && (
          <span className="dash-news" role="status">
            {t('dashboard.changed')}
          </span>
        )}
        <span className="grow" />
        {charts.has(card.type) && (
          <IconButton
            size="s"
            className="noprint"
            icon={table ? 'chart' : 'table'}
            label={`${t(table ? 'dashboard.asChart' : 'dashboard.asTable')}: ${title}`}
            onPress={() => setTable(!table)}
          />
        )}
        {behind && card.type !== 'number' && (
          <Tip text={t('dashboard.openTable', { title })}>
            <Link
              to="/a/$app/v/$view"
              params={{ app, view: behind.view }}
              search={{ filter: behind.filter() || undefined }}
              className="btn btn-icon btn-ghost btn-s noprint"
              aria-label={t('dashboard.openTable', { title })}
            >
              <Icon name="right" size={14} />
            </Link>
          </Tip>
        )}
      </header>
      <div className="dash-body">
        {!data ? (
          <Skeleton rows={card.type === 'number' ? 2 : 4} />
        ) : data.problem ? (
          <div className="dash-none">
            <p>{data.problem.detail || t('dashboard.failed')}</p>
            <Button size="s" icon="refresh" onPress={retry}>
              {t('common.retry')}
            </Button>
          </div>
        ) : (
          <Body app={app} card={card} data={data} behind={behind} table={table} />
        )}
        {!!data?.computing?.length && <p className="soft">{t('dashboard.computing')}</p>}
        {data?.more && <p className="soft">{t('dashboard.more', { n: count(data.rows?.length ?? 0) })}</p>}
      </div>
    </section>
  )
}
