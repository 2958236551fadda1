import { type PointerEvent, useRef, useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { type Column, within } from './columns.ts'
import { drawn, leftOf, type Stretch } from './GridRow.tsx'
import type { SortKey } from './state.ts'

/** Grip widens a column by being dragged. */
function Grip({
  width,
  onWidth,
  onDrag,
}: {
  width: number
  onWidth: (w: number) => void
  onDrag: (w?: number) => void
}) {
  const start = useRef<{ x: number; width: number }>(undefined)
  const now = (e: PointerEvent) => within(start.current!.width + e.clientX - start.current!.x)
  return (
    <span
      className="tv-grip"
      aria-hidden
      onPointerDown={(e) => {
        e.preventDefault()
        e.stopPropagation()
        e.currentTarget.setPointerCapture(e.pointerId)
        start.current = { x: e.clientX, width }
      }}
      onPointerMove={(e) => start.current && onDrag(now(e))}
      onPointerUp={(e) => {
        if (!start.current) return
        onWidth(now(e))
        start.current = undefined
        onDrag(undefined)
      }}
    />
  )
}

export interface HeadProps {
  columns: Column[]
  stretch: Stretch
  sort: SortKey[]
  active: number
  all: boolean | 'some'
  onWidth: (path: string, width: number) => void
}

/** GridHead names the columns and shows by what the records are sorted. */
export function GridHead({ columns, stretch, sort, active, all, onWidth }: HeadProps) {
  const [drag, setDrag] = useState<{ path: string; width: number }>()
  let first = true
  return (
    <div role="rowgroup" className="tv-head">
      <div role="row" aria-rowindex={1} className="tv-headrow">
        <div
          role="columnheader"
          aria-colindex={1}
          data-row={-1}
          data-col={0}
          tabIndex={active === 0 ? 0 : -1}
          className="tv-cell tv-gutter tv-fixed"
        >
          <span className="hidden">{t('table.selectAll')}</span>
          <span className={`tv-tick ${all ? 'tv-ticked' : ''}`}>
            {all === true ? <Icon name="check" size={11} /> : all ? <span className="check-dash" /> : null}
          </span>
        </div>
        {drawn(columns, stretch).map((i) => {
          const c = columns[i]!
          const at = sort.findIndex((k) => k.field === c.path)
          const key = sort[at]
          const margin = !c.fixed && first ? stretch.offset : undefined
          if (!c.fixed) first = false
          const width = drag?.path === c.path ? drag.width : c.width
          return (
            <div
              key={c.path}
              role="columnheader"
              aria-colindex={i + 2}
              aria-sort={key ? (key.desc ? 'descending' : 'ascending') : c.sortable ? 'none' : undefined}
              data-row={-1}
              data-col={i + 1}
              tabIndex={active === i + 1 ? 0 : -1}
              title={label(c.title)}
              className={`tv-cell ${c.fixed ? 'tv-fixed' : ''} ${c.right ? 'tv-right' : ''} ${c.sortable ? 'tv-sortable' : ''}`}
              style={{ width, left: c.fixed ? leftOf(columns, i) : undefined, marginLeft: margin }}
            >
              <span className="tv-title">{label(c.title)}</span>
              {key && <Icon name={key.desc ? 'down' : 'up'} size={13} />}
              {key && sort.length > 1 && <span className="tv-order">{at + 1}</span>}
              <Grip
                width={c.width}
                onWidth={(w) => onWidth(c.path, w)}
                onDrag={(w) => setDrag(w === undefined ? undefined : { path: c.path, width: w })}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}
