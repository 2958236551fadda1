import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ColorMeta, ColumnMeta } from '../../meta/types.ts'
import { type Column, spread } from './columns.ts'
import { GridFoot } from './GridFoot.tsx'
import { GridHead } from './GridHead.tsx'
import { GridRow, gutter, type Stretch } from './GridRow.tsx'
import { GroupRow } from './GroupRow.tsx'
import type { Model } from './model.ts'
import type { Totals } from './question.ts'
import { boxOf, isOne, type Range } from './range.ts'
import type { SortKey } from './state.ts'

export interface GridProps {
  label: string
  model: Model
  columns: Column[]
  colors: ColorMeta[]
  group?: ColumnMeta
  sort: SortKey[]
  totals: Totals
  range: Range
  checked: ReadonlySet<string>
  problems: ReadonlyMap<string, Record<string, string>>
  editing?: { id: string; col: number }
  editor: ReactNode
  hrefOf: (id: string) => string
  on: {
    onKeyDown: (e: React.KeyboardEvent) => void
    onMouseDown: (e: React.MouseEvent) => void
    onMouseOver: (e: React.MouseEvent) => void
    onClick: (e: React.MouseEvent) => void
    onDoubleClick: (e: React.MouseEvent) => void
    onCopy: (e: React.ClipboardEvent) => void
    onPaste: (e: React.ClipboardEvent) => void
  }
  onWidth: (path: string, width: number) => void
  onPage: (rows: number) => void
}

const overscan = 2 // rows that are drawn below the visible ones, and half as many above
const nothing: ColorMeta[] = []

function rowHeight(): number {
  return Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10) || 36
}

/** Grid draws the part of a table that is on the screen. */
export function Grid(p: GridProps) {
  const { model, columns, range } = p
  const box = useRef<HTMLDivElement>(null)
  const [height] = useState(rowHeight)
  const [stretch, setStretch] = useState<Stretch>({ from: 0, to: 0, offset: 0 })
  const held = useRef(false) // a cell has the focus
  const active = range.head
  const fixed = columns.reduce((n, c) => n + (c.fixed ? c.width : 0), gutter)
  const width = columns.reduce((n, c) => n + c.width, gutter)
  const v = useVirtualizer({
    count: model.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan,
    scrollPaddingStart: height,
    scrollPaddingEnd: height + 4,
    rangeExtractor: (r) => {
      const out: number[] = []
      const from = Math.max(0, r.startIndex - overscan / 2)
      const to = Math.min(r.count - 1, r.endIndex + overscan)
      if (active.row >= 0 && active.row < from) out.push(active.row)
      for (let i = from; i <= to; i++) out.push(i)
      if (active.row > to && active.row < r.count) out.push(active.row)
      return out
    },
  })
  const items = v.getVirtualItems()
  const first = v.range?.startIndex ?? 0
  const last = v.range?.endIndex ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is needed also depends on how many there are
  useEffect(() => model.need(first, last), [model, first, last, model.length])
  useLayoutEffect(() => {
    const el = box.current
    if (!el) return
    const measure = (): void => {
      const next = spread(columns, el.scrollLeft, Math.max(0, el.clientWidth - fixed))
      setStretch((old) => (old.from === next.from && old.to === next.to && old.offset === next.offset ? old : next))
      p.onPage(Math.max(1, Math.floor((el.clientHeight - 2 * height) / height)))
    }
    measure()
    el.addEventListener('scroll', measure, { passive: true })
    const seen = new ResizeObserver(measure)
    seen.observe(el)
    return () => {
      el.removeEventListener('scroll', measure)
      seen.disconnect()
    }
  }, [columns, fixed, height, p.onPage])
  // The cell with the focus is brought into sight, then takes it, if the grid has it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the focus moves
  useLayoutEffect(() => {
    if (active.row >= 0) v.scrollToIndex(Math.min(active.row, Math.max(0, model.length - 1)), { align: 'auto' })
    const el = box.current
    const c = columns[active.col - 1]
    if (!el || !c || c.fixed) return
    let x = 0
    for (const k of columns.slice(0, active.col - 1)) if (!k.fixed) x += k.width
    const room = el.clientWidth - fixed
    if (x < el.scrollLeft) el.scrollLeft = x
    else if (x + c.width > el.scrollLeft + room) el.scrollLeft = x + c.width - room
  }, [active.row, active.col])
  useLayoutEffect(() => {
    const el = box.current
    const now = document.activeElement
    if (!el) return
    const lost = held.current && (!now || now === document.body) // the cell went when its record came
    held.current = lost || now === el || (el.contains(now) && !!now?.hasAttribute('data-row'))
    if (p.editing || !held.current) return
    const cell = el.querySelector<HTMLElement>(`[data-row="${active.row}"][data-col="${active.col}"]`)
    if (cell && cell !== now) cell.focus({ preventScroll: true })
  })
  const marked = boxOf(range)
  const several = !isOne(range)
  const checkedAll =
    p.checked.size === 0 ? false : p.checked.size >= model.length && !model.grouped ? true : ('some' as const)
  return (
    <div
      ref={box}
      role="grid"
      aria-label={p.label}
      aria-rowcount={model.length + 2}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      tabIndex={-1}
      className="tv-grid"
      onBlur={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget)) held.current = false
      }}
      {...p.on}
    >
      <div role="presentation" className="tv-inner" style={{ width }}>
        <GridHead
          columns={columns}
          stretch={stretch}
          sort={p.sort}
          active={active.row === -1 ? active.col : -1}
          all={checkedAll}
          onWidth={p.onWidth}
        />
        <div role="rowgroup" className="tv-body" style={{ height: v.getTotalSize() }}>
          {items.map((it) => {
            const item = model.at(it.index)
            if (!item) return null
            const isActive = active.row === it.index
            if (item.row < 0)
              return (
                <GroupRow
                  key={`g${item.seg.key}`}
                  index={it.index}
                  top={it.start}
                  seg={item.seg}
                  field={p.group!}
                  columns={columns}
                  active={isActive}
                />
              )
            const rec = 'rec' in item ? item.rec : undefined
            const names = rec && model.colors.get(rec.id)
            const inRange = several && it.index >= marked.top && it.index <= marked.bottom
            const editing = rec && p.editing?.id === rec.id ? p.editing.col : -1
            return (
              <GridRow
                key={rec?.id ?? `n${it.index}`}
                index={it.index}
                top={it.start}
                number={item.row + 1}
                rec={rec}
                columns={columns}
                stretch={stretch}
                display={model.display}
                rules={names ? rulesOf(p.colors, names) : nothing}
                active={isActive ? active.col : -1}
                left={inRange ? marked.left : -1}
                right={inRange ? marked.right : -1}
                checked={!!rec && p.checked.has(rec.id)}
                marks={rec && model.marks.get(rec.id)}
                gone={!!rec && model.gone.has(rec.id)}
                href={rec ? p.hrefOf(rec.id) : ''}
                problems={rec && p.problems.get(rec.id)}
                editing={editing}
                editor={editing > 0 ? p.editor : undefined}
              />
            )
          })}
        </div>
        <GridFoot columns={columns} stretch={stretch} totals={p.totals} row={model.length + 2} />
      </div>
    </div>
  )
}

const kept = new WeakMap<ColorMeta[], Map<string, ColorMeta[]>>()

/** rulesOf gives the same list for the same names, so that rows needn't be drawn again. */
function rulesOf(colors: ColorMeta[], names: string[]): ColorMeta[] {
  let by = kept.get(colors)
  if (!by) {
    by = new Map()
    kept.set(colors, by)
  }
  const key = names.join()
  let list = by.get(key)
  if (!list) {
    list = colors.filter((c) => names.includes(c.name))
    by.set(key, list)
  }
  return list
}
