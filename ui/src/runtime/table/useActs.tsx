import { useNavigate } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { problemOf } from '../../api/problem.ts'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { toast, toastProblem } from '../../kit/toast.tsx'
import type { Rec } from '../../meta/record.ts'
import type { AppMeta, ViewMeta } from '../../meta/types.ts'
import { type Column, within } from './columns.ts'
import { type Model, mostWhole } from './model.ts'
import { type PastedCell, readAll } from './paste.ts'
import { boxOf, type Place, type Range } from './range.ts'
import type { GridActs } from './useGrid.ts'
import { batch, byRecord, type Operation, save } from './write.ts'

export type Problems = ReadonlyMap<string, Record<string, string>>

interface Needs {
  app: string
  meta: AppMeta
  view: ViewMeta
  model?: Model
  columns: Column[]
  bin: boolean
  sort: (path: string, more: boolean) => void
  widen: (path: string, width: number) => void
  remove: () => void
}

const none: Problems = new Map()

/** whole reads all rows of a stretch, or says why it doesn't. */
async function whole(model: Model, from: number, to: number): Promise<boolean> {
  if (model.lacks(from, to) === 0 || (await model.whole(from, to))) return true
  toast('info', t('table.tooMany', { n: count(mostWhole) }))
  return false
}

/** useActs is what one can do with records in a table: open, choose, edit in place, paste. */
export function useActs(n: Needs) {
  const navigate = useNavigate()
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set())
  const [editing, setEditing] = useState<{ id: string; col: number }>()
  const [peeked, setPeeked] = useState<string>()
  const [problems, setProblems] = useState(none)
  const lastCheck = useRef(0)
  const now = useRef(n)
  now.current = n
  const acts = useMemo<GridActs>(() => {
    const change = async (operations: Operation[], columnOf: (field: string) => string): Promise<void> => {
      const { app, view, model } = now.current
      const before = operations.flatMap((o) => {
        const rec = 'update' in o ? model?.find(o.update.id) : undefined
        return rec && 'update' in o ? [{ rec, values: o.update.values }] : []
      })
      try {
        const done = await batch(app, view.entity, operations)
        setProblems(none)
        const cells = before.reduce((s, b) => s + Object.keys(b.values).length, 0)
        void model?.refresh(done.map((d) => d.id)).catch(toastProblem)
        const back = before.map(({ rec, values }, i): Operation => {
          const old = Object.fromEntries(Object.keys(values).map((k) => [k, rec[k] ?? null]))
          return { update: { id: rec.id, version: done[i]?.version, values: old } }
        })
        toast('ok', t('table.pasted', { n: cells }), {
          action: {
            text: t('common.undo'),
            act: () =>
              void batch(app, view.entity, back)
                .then((d) => {
                  toast('info', t('table.undone'))
                  return model?.refresh(d.map((x) => x.id))
                })
                .catch(toastProblem),
          },
        })
      } catch (e) {
        const found = byRecord(e, operations)
        if (found.size === 0) return toastProblem(e)
        setProblems(
          new Map(
            [...found].map(([id, all]) => [
              id,
              Object.fromEntries(Object.entries(all).map(([k, v]) => [columnOf(k), v])),
            ]),
          ),
        )
        toast('error', t('table.pasteRefused', { n: found.size }))
      }
    }
    const pathOf = (field: string): string =>
      now.current.columns.find((c) => c.edit?.name === field)?.path ?? now.current.columns[0]?.path ?? ''
    const put = async (cells: PastedCell[]): Promise<void> => {
      const { app, meta, model } = now.current
      const read = await readAll(app, meta, cells)
      if (read.problems.size > 0) {
        setProblems(read.problems)
        return toast('error', t('table.pasteRefused', { n: read.problems.size }))
      }
      const operations = [...read.values].map(
        ([id, values]): Operation => ({
          update: { id, version: model?.find(id)?.version, values },
        }),
      )
      if (operations.length) await change(operations, pathOf)
    }
    return {
      edit: (at) => {
        const { model, columns, bin } = now.current
        const rec = model?.recAt(at.row)
        if (bin || !rec || !columns[at.col - 1]?.edit) return false
        setEditing({ id: rec.id, col: at.col })
        return true
      },
      open: (id) => {
        const { app, view } = now.current
        void navigate({
          to: '/a/$app/r/$entity/$id',
          params: { app, entity: view.entity, id },
          search: { view: view.name },
        })
      },
      peek: setPeeked,
      check: async (row, through) => {
        const { model } = now.current
        const [from, to] = through ? [Math.min(lastCheck.current, row), Math.max(lastCheck.current, row)] : [row, row]
        lastCheck.current = row
        if (model && !(await whole(model, from, to))) return
        setChecked((old) => {
          const next = new Set(old)
          const one = model?.recAt(row)
          const put = through || (!!one && !old.has(one.id))
          for (let i = from; i <= to; i++) {
            const id = model?.recAt(i)?.id
            if (id) put ? next.add(id) : next.delete(id)
          }
          return next
        })
      },
      checkAll: () => {
        const all = now.current.model?.segments.flatMap((s) => (s.open ? s.rows.map((r) => r.id) : [])) ?? []
        setChecked((old) => (old.size >= all.length ? new Set() : new Set(all)))
      },
      sort: (col, more) => {
        const c = now.current.columns[col - 1]
        if (c?.sortable) now.current.sort(c.path, more)
      },
      widen: (col, by) => {
        const c = now.current.columns[col - 1]
        if (c) now.current.widen(c.path, within(c.width + by))
      },
      paste: (at, rows) => {
        const { model, columns, bin } = now.current
        if (!model || bin) return
        const cells: PastedCell[] = []
        let left = 0
        rows.forEach((row, r) => {
          const rec = model.recAt(at.row + r)
          if (!rec) left++
          row.forEach((typed, c) => {
            const column = columns[at.col - 1 + c]
            if (rec && column?.edit) cells.push({ id: rec.id, field: column.edit, path: column.path, typed })
          })
        })
        if (cells.length === 0) toast('info', t('table.readOnlyCell'))
        else put(cells).catch(toastProblem)
        if (left > 0) toast('info', t('table.pasteLeft', { n: left }))
      },
      clear: async (range: Range) => {
        const { model, columns, bin } = now.current
        if (!model || bin) return
        const b = boxOf(range)
        if (!(await whole(model, b.top, b.bottom))) return
        const cells: PastedCell[] = []
        for (let row = b.top; row <= b.bottom; row++) {
          const rec = model.recAt(row)
          for (const c of columns.slice(Math.max(0, b.left - 1), b.right))
            if (rec && c.edit) cells.push({ id: rec.id, field: c.edit, path: c.path, typed: '' })
        }
        if (cells.length) put(cells).catch(toastProblem)
      },
      unread: (from, to) => {
        const { model } = now.current
        // A browser lets a page write to the clipboard only while the key is being heard.
        if (model) void whole(model, from, to).then((ok) => ok && toast('info', t('table.copyAgain')))
      },
      remove: () => now.current.remove(),
    }
  }, [navigate])
  const saveCell = async (rec: Rec, column: Column, value: unknown): Promise<void> => {
    const { app, view, model } = now.current
    try {
      const next = await save(app, view.entity, rec, { [column.edit!.name]: value })
      model?.put({ id: next.id, version: next.version, [column.edit!.name]: value })
      setProblems((old) => (old.has(rec.id) ? new Map([...old].filter(([id]) => id !== rec.id)) : old))
      void model?.refresh([rec.id]).catch(() => {})
    } catch (e) {
      if (problemOf(e).conflict) await model?.refresh([rec.id])
      throw e
    }
  }
  return { acts, checked, setChecked, editing, setEditing, peeked, setPeeked, problems, setProblems, saveCell }
}

/** after is where the focus goes once a cell has been edited. */
export function after(at: Place, way: 'down' | 'right' | 'left' | 'stay', rows: number, cols: number): Place {
  if (way === 'down') return { row: Math.min(rows - 1, at.row + 1), col: at.col }
  if (way === 'right') return { row: at.row, col: Math.min(cols, at.col + 1) }
  if (way === 'left') return { row: at.row, col: Math.max(1, at.col - 1) }
  return at
}
