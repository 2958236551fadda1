import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMeta } from '../../api/apps.ts'
import { percent } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { Tag } from '../../kit/tag.tsx'
import { documentOf } from '../../meta/find.ts'
import { isNumeric, valueAt } from '../../meta/record.ts'
import { sign } from '../exact.ts'
import { Shown } from '../form/Shown.tsx'
import { usePeek } from '../usePeek.tsx'
import type { Behind } from './CardFrame.tsx'
import { measured, measureTitle, periodWords, pivotOf, type Shape, totalOf, trendOf } from './dashboard.ts'
import type { CardData, CardMeta, MeasureMeta, RowData } from './types.ts'

interface ToProps {
  behind?: Behind
  row?: RowData
  measure?: string
  name: string
  children: ReactNode
}

function To({ behind, row, measure, name, children }: ToProps) {
  const filter = behind?.filter(row, measure)
  if (!behind || filter === undefined) return children
  return (
    <Link
      to="/a/$app/v/$view"
      params={{ app: behind.app, view: behind.view }}
      search={{ filter: filter || undefined }}
      className="dash-link"
      title={t('dashboard.openRow', { row: name })}
    >
      {children}
    </Link>
  )
}

/** NumberBody is a number, how it stands against the period before, and what its colour means. */
export function NumberBody({ card, data, behind }: { card: CardMeta; data: CardData; behind?: Behind }) {
  const [main, ...others] = card.measures ?? []
  if (!main) return null
  const value = data.total?.[main.name]
  const trend = trendOf(value, data.previous?.[main.name])
  const names = Array.isArray(data.colors) ? data.colors : []
  const rules = (card.colors ?? []).filter((c) => names.includes(c.name))
  const share = trend?.share === undefined ? '' : percent(trend.share)
  const words = {
    up: share ? t('dashboard.up', { share }) : t('dashboard.upFromNone'),
    down: t('dashboard.down', { share }),
    same: t('dashboard.same'),
  }
  return (
    <div className="dash-number">
      <div className={`dash-big num ${rules[0] ? `dash-ink-${rules[0].color}` : ''}`}>
        <To behind={behind} measure={main.name} name={label(card.title, card.name)}>
          {measured(main, value)}
        </To>
      </div>
      {rules.length > 0 && (
        <p className="dash-tags">
          {rules.map((r) => (
            <Tag key={r.name} color={r.color}>
              {label(r.title, r.name)}
            </Tag>
          ))}
        </p>
      )}
      {trend && (
        <p className={`dash-trend dash-${trend.way}`}>
          <Icon name={trend.way === 'up' ? 'up' : trend.way === 'down' ? 'down' : 'right'} size={14} />
          {words[trend.way]}
          <span className="soft" title={data.previous_period && periodWords(data.previous_period)}>
            {t('dashboard.before', { value: measured(main, data.previous?.[main.name]) })}
          </span>
        </p>
      )}
      {others.length > 0 && (
        <dl className="dash-more">
          {others.map((m) => (
            <div key={m.name}>
              <dt>{measureTitle(m)}</dt>
              <dd className="num">
                <To behind={behind} measure={m.name} name={measureTitle(m)}>
                  {measured(m, data.total?.[m.name])}
                </To>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

// A table that may be wider or longer than its card scrolls by itself, by keyboard as well.
function Scroll({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="dash-scroll" tabIndex={0} aria-label={t('dashboard.tableOf', { title: name })}>
      <table className="grid-table dash-table">{children}</table>
    </section>
  )
}

function Cell({ m, row, behind, name }: { m: MeasureMeta; row: RowData | undefined; behind?: Behind; name: string }) {
  const v = row?.measures[m.name]
  return (
    <td className={`num ${v !== null && v !== undefined && isNumeric(m.kind) && sign(String(v)) === 0 ? 'soft' : ''}`}>
      {row && v !== undefined && v !== null ? (
        <To behind={behind} row={row} measure={m.name} name={name}>
          {measured(m, v)}
        </To>
      ) : (
        <span className="soft">–</span>
      )}
    </td>
  )
}

/** ChartTable is what a chart shows, as a table. */
export function ChartTable(p: { card: CardMeta; shape: Shape; data: CardData; behind?: Behind }) {
  const { card, shape, data, behind } = p
  const group = card.group?.[0]
  const single = (card.group?.length ?? 0) === 1
  return (
    <Scroll name={label(card.title, card.name)}>
      <thead>
        <tr>
          <th scope="col">{label(group?.title)}</th>
          {shape.series.map((s) => (
            <th key={s.title} scope="col" className="num">
              {s.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shape.categories.map((c, i) => (
          <tr key={c}>
            <th scope="row">{c}</th>
            {shape.series.map((s) => (
              <Cell key={s.title} m={s.measure} row={s.rows[i]} behind={behind} name={c} />
            ))}
          </tr>
        ))}
      </tbody>
      {single && data.total && (
        <tfoot>
          <tr>
            <th scope="row">{t('dashboard.total')}</th>
            {shape.series.map((s) => (
              <td key={s.title} className="num">
                {measured(s.measure, data.total?.[s.measure.name])}
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </Scroll>
  )
}

/** PivotTable shows measures by several keys, with what adds up. */
export function PivotTable({ card, data, behind }: { card: CardMeta; data: CardData; behind?: Behind }) {
  const pivot = pivotOf(card, data.rows ?? [])
  const measures = card.measures ?? []
  const adds = measures.some((m) => totalOf(m, []) !== undefined) && pivot.across.length > 1
  return (
    <Scroll name={label(card.title, card.name)}>
      <thead>
        <tr>
          {pivot.heads.map((h) => (
            <th key={h} scope="col">
              {h}
            </th>
          ))}
          {pivot.across.flatMap((a) =>
            measures.map((m) => (
              <th key={a.id + m.name} scope="col" className="num">
                {a.text}
                {a.text ? measures.length > 1 && <span className="dash-sub">{measureTitle(m)}</span> : measureTitle(m)}
              </th>
            )),
          )}
          {adds && (
            <th scope="col" className="num">
              {t('dashboard.total')}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {pivot.rows.map((r) => (
          <tr key={r.id}>
            {r.heads.map((h, i) => (
              <th key={pivot.heads[i]} scope="row">
                {h}
              </th>
            ))}
            {pivot.across.flatMap((a) =>
              measures.map((m) => (
                <Cell
                  key={a.id + m.name}
                  m={m}
                  row={r.cells.get(a.id)}
                  behind={behind}
                  name={[...r.heads, a.text].filter(Boolean).join(' · ')}
                />
              )),
            )}
            {adds && measures[0] && (
              <td className="num dash-sum">{measured(measures[0], totalOf(measures[0], [...r.cells.values()]))}</td>
            )}
          </tr>
        ))}
      </tbody>
      {card.flat && data.total && (
        <tfoot>
          <tr>
            <th scope="row" colSpan={pivot.heads.length}>
              {t('dashboard.total')}
            </th>
            {measures.map((m) => (
              <td key={m.name} className="num">
                {measured(m, data.total?.[m.name])}
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </Scroll>
  )
}

/** ListTable shows some records; each leads to the record, an entry of a ledger to the document that posted it. */
export function ListTable({ card, data, app }: { card: CardMeta; data: CardData; app: string }) {
  const columns = card.columns ?? []
  const meta = useMeta(app)
  const { open, peek } = usePeek(app, card.entity)
  return (
    <>
      {peek}
      <Scroll name={label(card.title, card.name)}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.path} scope="col" className={isNumeric(c.kind) ? 'num' : ''}>
                {label(c.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(data.records ?? []).map((r) => {
            const document = documentOf(meta, card.entity, r)
            const to = { entity: document?.entity.name ?? card.entity, id: document?.id ?? r.id }
            return (
              <tr key={r.id}>
                {columns.map((c, i) => {
                  const text = <Shown field={c} value={valueAt(r, c.path)} display={data.display} compact />
                  return (
                    <td key={c.path} className={isNumeric(c.kind) ? 'num' : ''}>
                      {i === 0 ? (
                        <Link
                          to="/a/$app/r/$entity/$id"
                          params={{ app, ...to }}
                          search={{}}
                          className="dash-link"
                          onClick={(e) => {
                            if (e.ctrlKey || e.metaKey || e.shiftKey) return
                            e.preventDefault()
                            open(to.id, to.entity)
                          }}
                        >
                          {text}
                        </Link>
                      ) : (
                        text
                      )}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </Scroll>
    </>
  )
}
