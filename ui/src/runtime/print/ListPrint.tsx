import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useMeta, useView } from '../../api/apps.ts'
import { useMe } from '../../api/me.ts'
import { listRecords } from '../../api/records.ts'
import { count, moment } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Failed, Skeleton } from '../../kit/state.tsx'
import type { Display, Rec } from '../../meta/record.ts'
import type { ViewMeta } from '../../meta/types.ts'
import { useAddress } from '../address.ts'
import { sentence, useNames } from '../filter/sentence.ts'
import { isMonthly } from '../table/cel.ts'
import { type Column, columnsOf, groupable } from '../table/columns.ts'
import type { Question } from '../table/model.ts'
import { questionOf, useTotals } from '../table/question.ts'
import { orderBy, readState, type SortKey, type TableState } from '../table/state.ts'
import { Desk } from './Desk.tsx'
import { arrange, needOf, sharesOf } from './page.ts'
import { onRight } from './paper.ts'
import { Heads, Row, tableLook } from './RecordPaper.tsx'
import { breaks, cellOf, printed } from './texts.ts'
import { useWish } from './wish.ts'

/** The most records of a list that are printed. */
const mostListed = 1000
const page = 200
const monthLength = 7 // of "2026-11"

interface Found {
  records: Rec[]
  display: Display
}

async function readAll(q: Question, told: (n: number) => void, signal: AbortSignal): Promise<Found> {
  const out: Found = { records: [], display: {} }
  let token: string | undefined
  do {
    const got = await listRecords(q.app, q.entity, { ...q.query, page_size: page, page_token: token }, signal)
    out.records.push(...got.records)
    Object.assign(out.display, got.display)
    token = got.next_page_token
    told(out.records.length)
  } while (token && out.records.length < mostListed)
  out.records.length = Math.min(out.records.length, mostListed)
  return out
}

/** ListPrint shows a table as paper: as it is filtered, sorted and grouped, with the columns that are chosen there. */
export function ListPrint() {
  const { app, view } = useParams({ strict: false }) as { app: string; view: string }
  const { data, error, refetch } = useView(app, view)
  if (error) return <Failed alone error={error} retry={() => void refetch()} />
  if (!data)
    return (
      <div className="page">
        <Skeleton shape="table" />
      </div>
    )
  return <List key={view} app={app} view={data} />
}

const groupedFirst = (s: TableState, view: ViewMeta, by: string | undefined): SortKey[] => {
  const sort: SortKey[] = s.sort.length ? s.sort : (view.sort ?? [])
  if (!by) return s.sort
  return [sort.find((k) => k.field === by) ?? { field: by }, ...sort.filter((k) => k.field !== by)]
}

function List({ app, view }: { app: string; view: ViewMeta }) {
  const meta = useMeta(app)
  const me = useMe()
  const navigate = useNavigate()
  const [address] = useAddress()
  const state = useMemo(() => readState(address, view), [address, view])
  const columns = useMemo(() => columnsOf(meta, view, state.columns).filter((c) => !c.masked), [meta, view, state])
  const by = state.bin ? undefined : groupable(meta, view).find((c) => c.path === state.group)
  const question = useMemo(() => {
    const more: Column[] = by ? [{ ...by, width: 0, fixed: false, right: false }] : []
    const q = questionOf(app, view, state, [...columns, ...more])
    return { ...q, query: { ...q.query, order_by: orderBy(groupedFirst(state, view, by?.path)) || undefined } }
  }, [app, view, state, columns, by])
  const [at] = useState(() => new Date().toISOString())
  const [wish, setWish] = useWish(app, view.name)
  const [reading, setReading] = useState(0)
  const found = useQuery({
    queryKey: ['print', question],
    queryFn: ({ signal }) => readAll(question, setReading, signal),
    gcTime: 0,
  })
  const totals = useTotals(question, columns)
  const names = useNames(meta, view.entity, state.filter)
  if (found.error) return <Failed alone error={found.error} retry={() => void found.refetch()} />
  const records = found.data?.records ?? []
  const display = found.data?.display
  const needs = columns.map((c) =>
    needOf(
      label(c.title, c.path),
      records.map((r) => cellOf(r, c, display)),
      breaks(c.kind),
      c.total ? printed(c, totals.values[c.path], undefined, true) : '',
    ),
  )
  const { orientation, small, shown, left } = arrange(needs, wish.orientation)
  const list = shown.map((i) => columns[i]!)
  const shares = sharesOf(
    shown.map((i) => needs[i]!),
    orientation,
  )
  const all = totals.count ?? records.length
  const title = label(view.title, view.name)
  const said = [
    state.saved && view.saved?.find((s) => s.name === state.saved)?.title,
    state.filter && t('print.filtered', { text: sentence(meta, view.entity, state.filter, names) }),
    state.search && t('print.searched', { text: state.search }),
  ].flatMap((x) => (x ? [label(x)] : []))
  const notes = [
    ...(all > records.length && found.data
      ? [t('print.onlyFirst', { n: count(records.length), all: count(all) })]
      : []),
    ...(left.length
      ? [t('print.leftInList', { list: left.map((i) => label(columns[i]!.title)).join(t('common.listSeparator')) })]
      : []),
  ]
  return (
    <Desk
      title={t('print.title', { what: title })}
      foot={title}
      orientation={orientation}
      wish={wish}
      onWish={setWish}
      onBack={() => void navigate({ to: '/a/$app/v/$view', params: { app, view: view.name }, search: address })}
      notes={notes}
      ready={!!found.data}
    >
      <article className="paper" aria-label={title}>
        <header className="paper-head">
          {me.workspace && <p className="paper-company">{me.workspace}</p>}
          <h2 className="paper-title">{title}</h2>
          {said.length > 0 && <p className="paper-said">{said.join('\u3000')}</p>}
          <p className="paper-line">
            <span>{t('print.count', { n: count(all) })}</span>
            <span className="grow" />
            <span>{t('print.printedBy', { who: me.name })}</span>
            <span>{t('print.printedAt', { at: moment(at) })}</span>
          </p>
        </header>
        {found.data ? (
          <Rows
            title={title}
            small={small}
            records={records}
            display={display}
            columns={list}
            shares={shares}
            by={by}
            totals={totals.values}
          />
        ) : (
          <p role="status">{t('print.reading', { n: count(reading) })}</p>
        )}
        {notes.length > 0 && all > records.length && <p className="paper-remark">{notes[0]}</p>}
      </article>
    </Desk>
  )
}

function Rows({
  title,
  small,
  records,
  display,
  columns,
  shares,
  by,
  totals,
}: {
  title: string
  small: boolean
  records: Rec[]
  display?: Display
  columns: Column[]
  shares: number[]
  by?: { path: string; kind: Column['kind'] }
  totals: Record<string, unknown>
}) {
  const sums = columns.some((c) => c.total && totals[c.path] !== undefined)
  let last: string | undefined
  const body = records.flatMap((r, i) => {
    const row = <Row key={r.id} no={i + 1} columns={columns} texts={columns.map((c) => cellOf(r, c, display))} />
    if (!by) return [row]
    const whole = cellOf(r, by as Column, display) || t('common.none')
    const text = isMonthly(by.kind) ? whole.slice(0, monthLength) : whole
    if (text === last) return [row]
    last = text
    return [
      <tr key={`g${r.id}`} className="paper-group">
        <th colSpan={columns.length + 1} scope="rowgroup">
          {text}
        </th>
      </tr>,
      row,
    ]
  })
  return (
    <table className={tableLook(small)} aria-label={title}>
      <Heads columns={columns} shares={shares} />
      <tbody>{body}</tbody>
      {sums && (
        <tbody className="paper-last">
          <tr className="paper-total">
            <td className="paper-no">{t('print.total')}</td>
            {columns.map((c) => (
              <td key={c.path} className={onRight(c) ? 'num' : ''}>
                {c.total && printed(c, totals[c.path], undefined, true)}
              </td>
            ))}
          </tr>
        </tbody>
      )}
    </table>
  )
}
