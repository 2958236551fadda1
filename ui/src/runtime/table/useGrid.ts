import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useCallback, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { type Display, type Rec, show } from '../../meta/record.ts'
import { type Column, cellValue } from './columns.ts'
import type { Model } from './model.ts'
import { boxOf, extend, move, type Place, type Range } from './range.ts'
import { readTSV, writeTSV } from './tsv.ts'

export interface GridActs {
  edit: (place: Place) => boolean
  open: (id: string) => void
  peek: (id: string) => void
  check: (row: number, through: boolean) => void | Promise<void>
  checkAll: () => void
  sort: (col: number, more: boolean) => void
  widen: (col: number, by: number) => void
  paste: (at: Place, cells: string[][]) => void
  clear: (range: Range) => void | Promise<void>
  remove: () => void
  /** Reads rows that are to be copied and have not been read. */
  unread: (from: number, to: number) => void
}

const step = 16

const placeOf = (target: EventTarget): Place | undefined => {
  const el = (target as HTMLElement).closest<HTMLElement>('[data-row]')
  return el ? { row: Number(el.dataset.row), col: Number(el.dataset.col) } : undefined
}

const cellText = (rec: Rec | undefined, c: Column, display: Display): string => {
  if (!rec) return ''
  const v = cellValue(rec, c)
  // Amounts and numbers go as they are, so that a spreadsheet reckons with them.
  return c.kind === 'decimal' || c.kind === 'money' || c.kind === 'integer' ? String(v ?? '') : show(c, v, display)
}

const patience = 60 // frames that a page may need to take an editor away

/** focusGrid gives the focus back to the cell that had it, unless it is somewhere else by now. An editor that is about to
 * go keeps it until then. */
export function focusGrid(left = patience): void {
  requestAnimationFrame(() => {
    const now = document.activeElement
    if (now?.closest('.tv-editor') && left > 0) focusGrid(left - 1)
    else if (!now || now === document.body)
      document.querySelector<HTMLElement>('.tv-grid [tabindex="0"][data-row]')?.focus()
  })
}

/** useGrid is the keyboard, the mouse and the clipboard of the grid. */
export function useGrid(model: Model | undefined, columns: Column[], acts: GridActs, busy: boolean) {
  const [range, setRange] = useState<Range>({ anchor: { row: 0, col: 1 }, head: { row: 0, col: 1 } })
  const page = useRef(10)
  const dragging = useRef(false)
  const now = useRef({ model, columns, acts, busy, range })
  now.current = { model, columns, acts, busy, range }
  const go = useCallback((head: Place, keep = false) => setRange((r) => extend(r, head, keep)), [])
  const onPage = useCallback((n: number) => {
    page.current = n
  }, [])
  const on = useMemo(() => {
    const enter = (at: Place, e: KeyboardEvent): void => {
      const { model: m, acts: a } = now.current
      if (at.row < 0 && at.col === 0) a.checkAll()
      else if (at.row < 0) a.sort(at.col, e.shiftKey)
      const item = m?.at(at.row)
      if (item?.row === -1) toggle(at.row)
      const rec = m?.recAt(at.row)
      if (!rec) return
      if (at.col === 0) void a.check(at.row, e.shiftKey)
      else if (e.ctrlKey || e.metaKey || !a.edit(at)) a.open(rec.id)
    }
    const toggle = (row: number): void => {
      const { model: m } = now.current
      const item = m?.at(row)
      if (!m || !item) return
      item.seg.open = !item.seg.open
      m.changed()
    }
    const special = (e: KeyboardEvent, at: Place): boolean => {
      const { model: m, acts: a, range: r } = now.current
      const mod = e.ctrlKey || e.metaKey
      if (e.key === 'Enter') enter(at, e)
      else if (e.key === 'F2') a.edit(at)
      else if (e.key === ' ' && at.row >= 0) {
        const rec = m?.recAt(at.row)
        if (e.shiftKey || at.col === 0) void a.check(at.row, false)
        else if (rec) a.peek(rec.id)
        else if (m?.at(at.row)?.row === -1) toggle(at.row)
      } else if (e.key === 'Escape') go(at)
      else if ((e.key === 'Delete' || e.key === 'Backspace') && at.row >= 0) void a.clear(r)
      else if (mod && e.key.toLowerCase() === 'a') a.checkAll()
      else if (e.altKey && at.row < 0 && e.key.startsWith('Arrow'))
        a.widen(at.col, e.key === 'ArrowRight' ? step : -step)
      else {
        // What is typed goes into the editor that opens under it, the first letter of an input method too.
        const types = e.key.length === 1 || e.key === 'Process'
        if (!mod && !e.altKey && types && at.row >= 0 && at.col > 0) flushSync(() => a.edit(at))
        return false
      }
      return true
    }
    return {
      onKeyDown: (e: KeyboardEvent) => {
        const { model: m, columns: list, busy: editing, range: r } = now.current
        if (!m || editing || !placeOf(e.target) || e.nativeEvent.isComposing) return
        const next = e.altKey
          ? undefined
          : move(r.head, e.key, e.ctrlKey || e.metaKey, { rows: m.length, cols: list.length + 1, page: page.current })
        if (next) go(next, e.shiftKey)
        else if (!special(e, r.head)) return
        e.preventDefault()
      },
      onMouseDown: (e: MouseEvent) => {
        const at = placeOf(e.target)
        if (!at || now.current.busy || e.button !== 0) return
        if ((e.target as HTMLElement).closest('.tv-editor')) return
        go(at, e.shiftKey && at.col > 0)
        if (e.shiftKey) e.preventDefault()
        dragging.current = at.row >= 0 && at.col > 0
        if (dragging.current) window.addEventListener('mouseup', () => (dragging.current = false), { once: true })
      },
      onMouseOver: (e: MouseEvent) => {
        const at = dragging.current ? placeOf(e.target) : undefined
        if (at && at.row >= 0 && at.col > 0 && e.buttons === 1) go(at, true)
      },
      onClick: (e: MouseEvent) => {
        const at = placeOf(e.target)
        const { model: m, acts: a, busy: editing } = now.current
        if (!at || editing || !m) return
        const link = (e.target as HTMLElement).closest('[data-open]')
        const rec = m.recAt(at.row)
        if (link && rec) {
          if (e.ctrlKey || e.metaKey || e.shiftKey) return
          e.preventDefault()
          return a.open(rec.id)
        }
        if (at.row < 0) return at.col === 0 ? a.checkAll() : a.sort(at.col, e.shiftKey)
        if (m.at(at.row)?.row === -1) return toggle(at.row)
        if (at.col === 0) void a.check(at.row, e.shiftKey)
      },
      onDoubleClick: (e: MouseEvent) => {
        const at = placeOf(e.target)
        const { model: m, acts: a, busy: editing } = now.current
        const rec = at && at.row >= 0 && at.col > 0 && !editing ? m?.recAt(at.row) : undefined
        if (rec && at && !a.edit(at)) a.open(rec.id)
      },
      onCopy: (e: ClipboardEvent) => {
        const { model: m, columns: list, acts: a, busy: editing, range: r } = now.current
        if (!m || editing || !placeOf(e.target)) return
        const b = boxOf(r)
        if (m.lacks(b.top, b.bottom)) {
          e.preventDefault()
          return a.unread(b.top, b.bottom)
        }
        const rows: string[][] = []
        for (let row = b.top; row <= b.bottom; row++) {
          const rec = m.recAt(row)
          if (rec) rows.push(list.slice(Math.max(0, b.left - 1), b.right).map((c) => cellText(rec, c, m.display)))
        }
        if (rows.length === 0) return
        e.clipboardData.setData('text/plain', writeTSV(rows))
        e.preventDefault()
      },
      onPaste: (e: ClipboardEvent) => {
        const { acts: a, busy: editing, range: r } = now.current
        if (editing || !placeOf(e.target) || r.head.row < 0) return
        const b = boxOf(r)
        const cells = readTSV(e.clipboardData.getData('text/plain'))
        e.preventDefault()
        // One cell fills the whole range, as in a spreadsheet.
        const one = cells.length === 1 && cells[0]!.length === 1
        const filled = one
          ? Array.from({ length: b.bottom - b.top + 1 }, () => Array<string>(b.right - b.left + 1).fill(cells[0]![0]!))
          : cells
        a.paste({ row: b.top, col: Math.max(1, b.left) }, filled)
      },
    }
  }, [go])
  return { range, go, on, onPage }
}
