import { type ClipboardEvent, type KeyboardEvent, useRef, useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { toast, toastProblem } from '../../kit/toast.tsx'
import { isNumeric } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { useKeyPlace } from '../../shell/commands.ts'
import type { FormContext } from './FormField.tsx'
import { LineRow } from './LineRow.tsx'
import type { LineActs } from './LinesField.tsx'
import type { LineColumn } from './layout.ts'
import { cells, fill, isBlank, type Line, newLine, sum } from './lines.ts'
import { askOptions, given } from './options.ts'
import { readRange } from './pasteLines.ts'
import { Shown } from './Shown.tsx'

export interface LinesProps {
  ctx: FormContext
  field: FieldMeta
  columns: LineColumn[]
  rows: Line[]
  acts: LineActs
  readOnly: boolean
  title: string
}

export interface Spot {
  key: string
  col: number
}

/** LinesGrid is filled in by keyboard: Tab and Enter go on, the last cell opens a new line. */
export function LinesGrid({ ctx, field, columns, rows, acts, readOnly, title }: LinesProps) {
  const { store } = ctx
  const [at, setAt] = useState<{ key: string; path: string }>()
  const [busy, setBusy] = useState(false)
  const box = useRef<HTMLElement>(null)
  useKeyPlace('lines')
  // By its name: a column may come while somebody fills in another.
  const active: Spot | undefined = at && { key: at.key, col: columns.findIndex((c) => c.path === at.path) }
  const may = (c: number): boolean => !!columns[c]?.field.writable
  const firstCol = columns.findIndex((_, i) => may(i))

  const go = (to: Spot | undefined): void => {
    const el = document.activeElement
    if (el instanceof HTMLElement && box.current?.contains(el)) el.blur() // takes over what was typed
    setAt(to && { key: to.key, path: columns[to.col]?.path ?? '' })
  }
  const step = (by: 1 | -1): boolean => {
    const list = store.lines(field.name)
    let r = list.findIndex((l) => l.$key === active?.key)
    let c = (active?.col ?? 0) + by
    for (;;) {
      if (c < 0 || c >= columns.length) {
        r += by
        c = by > 0 ? 0 : columns.length - 1
        if (r < 0) return false
        if (r >= list.length) {
          const last = list[list.length - 1]
          if (last && isBlank(last)) return false
          go({ key: acts.insert(list.length).$key, col: firstCol })
          return true
        }
      }
      if (may(c)) {
        go({ key: list[r]!.$key, col: c })
        return true
      }
      c += by
    }
  }
  const vertical = (by: 1 | -1): void => {
    const list = store.lines(field.name)
    const to = list[list.findIndex((l) => l.$key === active?.key) + by]
    if (to && active) go({ key: to.$key, col: active.col })
  }
  const insertBelow = (): void => {
    const list = store.lines(field.name)
    const at = active ? list.findIndex((l) => l.$key === active.key) + 1 : list.length
    go({ key: acts.insert(at).$key, col: firstCol })
  }
  const removeAt = (key: string): void => {
    const list = store.lines(field.name)
    const i = list.findIndex((l) => l.$key === key)
    const next = list[i + 1] ?? list[i - 1]
    go(next && active ? { key: next.$key, col: active.col } : undefined)
    acts.remove(key)
  }

  const capture = (e: KeyboardEvent): void => {
    if (!active || readOnly || e.nativeEvent.isComposing) return
    const mod = e.ctrlKey || e.metaKey
    const act =
      mod && e.key === 'Enter'
        ? insertBelow
        : mod && (e.key === 'Delete' || e.key === 'Backspace')
          ? () => removeAt(active.key)
          : mod && e.key.toLowerCase() === 'd'
            ? () => {
                const el = document.activeElement
                if (el instanceof HTMLElement) el.blur()
                const made = acts.copy(active.key)
                if (made) go({ key: made.$key, col: active.col })
              }
            : mod && e.shiftKey && e.key === 'ArrowUp'
              ? () => acts.move(active.key, -1)
              : mod && e.shiftKey && e.key === 'ArrowDown'
                ? () => acts.move(active.key, 1)
                : undefined
    if (!act) return
    e.preventDefault()
    e.stopPropagation()
    act()
  }
  const onKey = (e: KeyboardEvent): void => {
    if (!active || e.defaultPrevented) return
    if (e.key === 'Tab') {
      if (step(e.shiftKey ? -1 : 1)) e.preventDefault()
      else setTimeout(() => setAt(undefined))
    } else if (e.key === 'ArrowUp' || e.key === 'ArrowDown') {
      e.preventDefault()
      vertical(e.key === 'ArrowDown' ? 1 : -1)
    } else if (e.key === 'Escape') {
      e.stopPropagation()
      const { key, col } = active
      go(undefined)
      requestAnimationFrame(() =>
        box.current
          ?.querySelector<HTMLElement>(`[data-path="${field.name}/${CSS.escape(key)}/${columns[col]!.path}"]`)
          ?.focus(),
      )
    }
  }
  const paste = (e: ClipboardEvent): void => {
    const text = e.clipboardData.getData('text/plain')
    if (readOnly || !active || !/[\t\n]/.test(text.replace(/\n$/, ''))) return
    e.preventDefault()
    e.stopPropagation()
    void pasteRange(cells(text), active)
  }
  const pasteRange = async (range: string[][], at: Spot): Promise<void> => {
    setBusy(true)
    const path = (f: FieldMeta) => `${field.name}.${f.name}`
    try {
      const found = await readRange(
        range,
        columns.slice(at.col).map((c) => c.field),
        async (f, text) => {
          const here = { id: store.base?.id, values: store.patch(true).values, form: ctx.form, path: path(f) }
          const { options } = await askOptions(ctx.app, store.entity.name, f.name, text, here, undefined, 2)
          const [first] = options
          if (first) store.learn({ [first.id]: first.display, ...given(first.set).display })
          return first && { ...first, given: given(first.set).values }
        },
      )
      let list = store.lines(field.name)
      const from = Math.max(
        0,
        list.findIndex((l) => l.$key === at.key),
      )
      found.rows.forEach((values, i) => {
        const there = list[from + i]
        if (!there) list = [...list, newLine(values)]
        else list = fill(list, there.$key, values)
      })
      store.setLines(field.name, list)
      ctx.changed()
      if (found.odd.length > 0)
        toast(
          'error',
          t('form.pasteOdd', { n: found.odd.length, list: found.odd.slice(0, 5).join(t('common.listSeparator')) }),
        )
      else toast('ok', t('form.pasted', { n: found.rows.length }))
    } catch (x) {
      toastProblem(x)
    } finally {
      setBusy(false)
    }
  }

  const errors = new Map(store.allErrors().filter(([p]) => p.startsWith(`${field.name}/`)))
  const totals = columns.some((c) => c.total === 'sum')
  return (
    <section
      className="lines-scroll"
      ref={box}
      aria-label={`${title}: ${t('form.lineCount', { n: rows.length })}`}
      tabIndex={readOnly ? 0 : undefined}
      onKeyDownCapture={capture}
      onKeyDown={onKey}
      onPasteCapture={paste}
    >
      <table className="lines-table" aria-label={title} aria-busy={busy} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            <th className="lines-no" scope="col">
              #
            </th>
            {columns.map((c) => (
              <th
                key={c.path}
                scope="col"
                className={isNumeric(c.kind) ? 'num' : ''}
                style={{ minWidth: c.width ?? 110 }}
              >
                <span className={c.field.required && c.field.writable && !readOnly ? 'field-star' : ''}>
                  {label(c.title, c.path)}
                </span>
              </th>
            ))}
            {!readOnly && (
              <th className="lines-acts noprint">
                <span className="hidden">{t('common.actions')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((l, i) => {
            const mine = columns.map((c) => errors.get(`${field.name}/${l.$key}/${c.path}`) ?? '')
            return (
              <LineRow
                key={l.$key}
                ctx={ctx}
                field={field}
                columns={columns}
                line={l}
                index={i}
                display={store.display}
                col={active?.key === l.$key ? active.col : -1}
                errors={mine.some(Boolean) ? mine.join('\u0001') : ''}
                readOnly={readOnly}
                acts={acts}
                go={go}
                step={step}
                remove={removeAt}
              />
            )
          })}
        </tbody>
        {totals && rows.length > 0 && (
          <tfoot>
            <tr>
              <td className="lines-no">Σ</td>
              {columns.map((c) => (
                <td key={c.path} className={isNumeric(c.kind) ? 'num' : ''}>
                  {c.total === 'sum' && <Shown field={c} value={sum(rows, c.path)} compact />}
                </td>
              ))}
              {!readOnly && <td className="noprint" />}
            </tr>
          </tfoot>
        )}
      </table>
      {!readOnly && (
        <button
          type="button"
          className="lines-add noprint"
          onClick={() => go({ key: acts.insert(rows.length).$key, col: firstCol })}
        >
          <Icon name="plus" /> {t('form.addLine')}
          <span className="lines-keys soft">{t('form.lineKeys')}</span>
        </button>
      )}
    </section>
  )
}
