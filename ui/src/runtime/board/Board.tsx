import { useCallback, useMemo, useRef } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { usePhone } from '../../kit/media.ts'
import type { MenuEntry, MenuGroup } from '../../kit/menu.tsx'
import { fieldOf } from '../../meta/find.ts'
import type { AppMeta } from '../../meta/types.ts'
import { useDrag } from '../drag.ts'
import { usePeek } from '../usePeek.tsx'
import { type Cell, cellId, cellOf, placeOf, type Slot, type Sum, stepTo } from './board.ts'
import { CardBody, cardTint, titleOf } from './Card.tsx'
import type { Asked } from './data.ts'
import { type Desk, type Table, walkCards } from './desk.ts'
import { Columns, Lanes, OneColumn } from './layouts.tsx'
import { type Item, useMoves } from './useMoves.ts'

export interface BoardProps {
  asked: Asked
  meta: AppMeta
  columns: Slot[]
  lanes: Slot[]
  sums: Map<string, Sum>
  column: string | undefined
  onColumn: (value: string) => void
  onAdd: (set: Record<string, unknown>) => void
}

function useBoard(p: BoardProps) {
  const { asked, columns, lanes } = p
  const { view, app, entity } = asked
  const name = useCallback((i: Item) => titleOf(view, i), [view])
  const cellTitle = useCallback(
    (c: Cell) => {
      const column = columns.find((s) => s.value === c.column)?.title ?? ''
      const lane = lanes.find((s) => s.value === c.lane)?.title
      return lane ? t('board.inLane', { column, lane }) : column
    },
    [columns, lanes],
  )
  const moves = useMoves(asked, name, cellTitle)
  const { can, move, dismiss } = moves
  const cells = useMemo(() => {
    const rows = asked.lanes ? lanes.map((l) => l.value) : ['']
    return rows.flatMap((lane) => columns.map((c): Cell => ({ column: c.value, lane })))
  }, [asked.lanes, columns, lanes])
  const place = useCallback((i: Item) => placeOf(view, asked.lanes, i.rec), [view, asked.lanes])
  const drag = useDrag<Item>({
    can: (i) => !moves.moving.has(i.rec.id) && cells.some((c) => can(i.rec, c)),
    accepts: (i, to) => cellId(place(i)) === to || !!can(i.rec, cellOf(to)),
    drop: (i, to) => move(i, cellOf(to)),
    step: (i, from, key) => {
      const home = place(i)
      const ok = (c: Cell): boolean => cellId(c) === cellId(home) || !!can(i.rec, c)
      const rows = asked.lanes ? lanes.map((l) => l.value) : ['']
      const next = stepTo(
        columns.map((c) => c.value),
        rows,
        from === undefined ? home : cellOf(from),
        key,
        ok,
      )
      return next && cellId(next)
    },
    say: {
      lifted: (i) => t('board.sayLifted', { card: name(i), column: cellTitle(place(i)) }),
      over: (_, to) => t('board.sayOver', { column: cellTitle(cellOf(to)) }),
      dropped: (i, to) => t('board.sayDropped', { card: name(i), column: cellTitle(cellOf(to)) }),
      cancelled: (i) => t('board.sayCancelled', { card: name(i) }),
      stuck: (i) => t('board.sayStuck', { card: name(i) }),
    },
  })
  const { open, peek } = usePeek(app, entity.name)
  const menu = useCallback(
    (i: Item): MenuGroup[] => {
      const entries = cells.flatMap((c): MenuEntry[] => {
        const m = can(i.rec, c)
        const to = cellTitle(c)
        if (!m) return []
        if (m.kind === 'change') return [{ id: cellId(c), text: to, icon: 'right', act: () => move(i, c) }]
        return m.choices.map((x) => ({
          id: x.name,
          text: t('board.moveBy', { column: to, action: label(x.title, x.name) }),
          icon: 'right',
          act: () => move(i, c, x.name),
        }))
      })
      const none: MenuEntry = { id: 'none', text: t('board.nowhere'), disabled: true }
      return [
        { id: 'open', entries: [{ id: 'open', text: t('common.open'), icon: 'form', act: () => open(i.rec.id) }] },
        { id: 'move', title: t('board.moveTo'), entries: entries.length ? entries : [none] },
      ]
    },
    [cells, can, cellTitle, move, open],
  )
  const { handle } = drag
  const desk = useMemo<Desk>(
    () => ({ view, handle, open, menu, dismiss, walk: walkCards }),
    [view, handle, open, menu, dismiss],
  )
  const held = drag.held
  const table: Table = {
    asked,
    desk,
    moves,
    held,
    accepts: (c) => !!held && (cellId(place(held.item)) === cellId(c) || !!can(held.item.rec, c)),
  }
  return { table, drag, cellTitle, name, peek }
}

/** Board draws the columns, and lets cards be moved between them. */
export function Board(p: BoardProps) {
  const { asked, columns, lanes } = p
  const { entity, view } = asked
  const phone = usePhone()
  const { table, drag, cellTitle, name, peek } = useBoard(p)
  const { choosing } = table.moves
  const root = useRef<HTMLDivElement>(null)
  const mayAdd = (c: Slot): boolean =>
    entity.actions.includes('create') &&
    (view.by === entity.state_field ? c.value === entity.initial_state : !!fieldOf(entity, view.by!)?.writable)
  const add = (c: Slot) =>
    mayAdd(c) ? () => p.onAdd(view.by === entity.state_field || !c.value ? {} : { [view.by!]: c.value }) : undefined
  const layout = {
    table,
    columns,
    lanes,
    sums: p.sums,
    adds: view.sum ? fieldOf(entity, view.sum) : undefined,
    currency: p.meta.currency,
    add,
  }
  return (
    <div ref={root} className={`board ${drag.held ? 'board-dragging' : ''}`}>
      <p id="board-how" hidden>
        {t('board.how')}
      </p>
      <div className="hidden" role="status" aria-live="assertive">
        {drag.said}
      </div>
      {phone ? (
        <OneColumn {...layout} column={p.column} onColumn={p.onColumn} />
      ) : asked.lanes ? (
        <Lanes {...layout} />
      ) : (
        <Columns {...layout} />
      )}
      {drag.held?.by === 'pointer' && (
        <div ref={drag.ghost} className={`board-card board-ghost ${cardTint(view, drag.held.item.colors)}`} aria-hidden>
          <div className="board-top">
            <span className="board-open">{name(drag.held.item)}</span>
          </div>
          <CardBody view={view} item={drag.held.item} />
        </div>
      )}
      {peek}
      {choosing && (
        <Dialog
          title={t('board.chooseTitle', { card: name(choosing.item), column: cellTitle(choosing.to) })}
          open
          onClose={table.moves.stopChoosing}
        >
          <div className="stack">
            {choosing.choices.every((c) => c.final) && <p>{t('record.finalText')}</p>}
            {choosing.choices.map((c, i) => (
              <Button
                key={c.name}
                size="l"
                autoFocus={i === 0}
                onPress={() => table.moves.move(choosing.item, choosing.to, c.name)}
              >
                {label(c.title, c.name)}
              </Button>
            ))}
          </div>
        </Dialog>
      )}
    </div>
  )
}
