import { useState } from 'react'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { Empty } from '../../kit/state.tsx'
import type { FieldMeta } from '../../meta/types.ts'
import { cellId, columnSums, type Slot, type Sum } from './board.ts'
import { CellView } from './CellView.tsx'
import { ColumnHead, isOver } from './ColumnHead.tsx'
import type { Table } from './desk.ts'

export interface LayoutProps {
  table: Table
  columns: Slot[]
  lanes: Slot[]
  sums: Map<string, Sum>
  adds: FieldMeta | undefined
  currency: string
  add: (c: Slot) => (() => void) | undefined
}

/** Columns stand beside each other, each scrolling by itself. */
export function Columns({ table, columns, sums, adds, currency, add }: LayoutProps) {
  return (
    <div className="board-scroll">
      {columns.map((c) => {
        const cell = { column: c.value, lane: '' }
        const sum = sums.get(cellId(cell))
        return (
          <section key={c.value} className="board-column" aria-label={c.title}>
            <ColumnHead slot={c} sum={sum} adds={adds} currency={currency} onAdd={add(c)} />
            <CellView table={table} cell={cell} total={sum?.count ?? 0} name={c.title} />
          </section>
        )
      })}
    </div>
  )
}

const openAtFirst = 4 // lanes that are open when a board is opened

function Lane({ slot, first, p, sum }: { slot: Slot; first: boolean; p: LayoutProps; sum: Sum | undefined }) {
  const [open, setOpen] = useState(first)
  return (
    <section className="board-lane" aria-label={slot.title}>
      <h2 className="board-lane-head">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} />
          {slot.title}
          <span className="board-count">
            <span aria-hidden>{count(sum?.count ?? 0)}</span>
            <span className="hidden">{t('board.cards', { n: count(sum?.count ?? 0) })}</span>
          </span>
        </button>
      </h2>
      {open && (
        <div className="board-row">
          {p.columns.map((c) => {
            const cell = { column: c.value, lane: slot.value }
            return (
              <CellView
                key={c.value}
                table={p.table}
                cell={cell}
                total={p.sums.get(cellId(cell))?.count ?? 0}
                name={t('board.inLane', { column: c.title, lane: slot.title })}
              />
            )
          })}
        </div>
      )}
    </section>
  )
}

/** Lanes lie under each other; the heads of the columns stay in sight. */
export function Lanes(p: LayoutProps) {
  const columns = columnSums(p.sums, 'column')
  const lanes = columnSums(p.sums, 'lane')
  if (p.lanes.length === 0) return <Empty title={t('board.empty')} icon="board" />
  return (
    <div className="board-scroll board-lanes">
      <div className="board-row board-heads">
        {p.columns.map((c) => (
          <ColumnHead
            key={c.value}
            slot={c}
            sum={columns.get(c.value)}
            adds={p.adds}
            currency={p.currency}
            onAdd={p.add(c)}
          />
        ))}
      </div>
      {p.lanes.map((l, i) => (
        <Lane key={l.value} slot={l} first={i < openAtFirst} p={p} sum={lanes.get(l.value)} />
      ))}
    </div>
  )
}

/** OneColumn is a board on a phone: a switch between columns, and one of them. */
export function OneColumn(p: LayoutProps & { column: string | undefined; onColumn: (value: string) => void }) {
  const sums = columnSums(p.sums, 'column')
  const now = p.columns.find((c) => c.value === p.column) ?? p.columns[0]
  if (!now) return <Empty title={t('board.empty')} icon="board" />
  const lanes = p.table.asked.lanes ? p.lanes : undefined
  return (
    <>
      <fieldset className="board-switch" aria-label={t('board.columns')}>
        {p.columns.map((c) => (
          <button
            key={c.value}
            type="button"
            className="board-tab"
            aria-pressed={c.value === now.value}
            onClick={() => p.onColumn(c.value)}
          >
            {isOver(c, sums.get(c.value)) && <Icon name="warning" size={14} />}
            {c.title}
            <span className="board-tab-count">{count(sums.get(c.value)?.count ?? 0)}</span>
          </button>
        ))}
      </fieldset>
      <section className="board-column" aria-label={now.title}>
        <ColumnHead slot={now} sum={sums.get(now.value)} adds={p.adds} currency={p.currency} onAdd={p.add(now)} />
        {(lanes ?? [undefined]).map((l) => {
          const cell = { column: now.value, lane: l?.value ?? '' }
          const total = p.sums.get(cellId(cell))?.count ?? 0
          if (l && total === 0) return null
          return (
            <div key={cellId(cell)}>
              {l && <h3 className="board-phone-lane">{l.title}</h3>}
              <CellView table={p.table} cell={cell} total={total} name={l?.title ?? now.title} />
            </div>
          )
        })}
      </section>
    </>
  )
}
