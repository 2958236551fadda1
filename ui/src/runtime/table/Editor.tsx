import { useEffect, useRef, useState } from 'react'
import { problemOf } from '../../api/problem.ts'
import { label, t } from '../../i18n/i18n.ts'
import type { Display, Rec } from '../../meta/record.ts'
import { Widget } from '../form/Widget.tsx'
import type { Column } from './columns.ts'
import { said } from './write.ts'

export interface EditorProps {
  app: string
  entity: string
  rec: Rec
  column: Column
  display: Display
  problem?: string
  save: (value: unknown) => Promise<void>
  /** Ends editing; the focus goes down, right, left, or stays. */
  done: (way: 'down' | 'right' | 'left' | 'stay') => void
  learn: (d: Display) => void
}

/** Editor changes one cell in its place. What the server refuses is said below it, and can be corrected there. */
export function Editor(p: EditorProps) {
  const field = p.column.edit!
  const begin = p.rec[field.name]
  const value = useRef<unknown>(begin)
  const [shown, setShown] = useState<unknown>(begin)
  const [problem, setProblem] = useState(p.problem)
  const [busy, setBusy] = useState(false)
  const running = useRef(false)
  const box = useRef<HTMLFieldSetElement>(null)
  const ended = useRef(false)
  const same = (): boolean => JSON.stringify(value.current ?? null) === JSON.stringify(p.rec[field.name] ?? null)
  const commit = async (way: 'down' | 'right' | 'left' | 'stay'): Promise<void> => {
    if (running.current || ended.current) return // Enter is heard twice: by the widget and here
    if (!problem && box.current?.querySelector('[aria-invalid="true"]')) return // what was typed can't be read
    if (same() && !problem) {
      ended.current = true
      return p.done(way)
    }
    running.current = true
    setBusy(true)
    try {
      await p.save(value.current ?? null)
      ended.current = true
      p.done(way)
    } catch (e) {
      const { errors, detail, message, conflict } = problemOf(e)
      setProblem(
        conflict ? t('table.changedMeanwhile') : errors.length ? errors.map(said).join(' ') : detail || message,
      )
      running.current = false
      setBusy(false)
    }
  }
  const latest = useRef(commit)
  latest.current = commit
  useEffect(() => {
    // A click elsewhere takes what was typed over, as a spreadsheet does; the lists of widgets are not elsewhere.
    const outside = (e: PointerEvent): void => {
      const target = e.target as HTMLElement
      if (box.current?.contains(target) || target.closest('.pop, .modal, .toasts, [role="listbox"]')) return
      void latest.current('stay')
    }
    document.addEventListener('pointerdown', outside, true)
    return () => document.removeEventListener('pointerdown', outside, true)
  }, [])
  return (
    <fieldset
      ref={box}
      aria-label={label(p.column.title)}
      className={`tv-editor ${problem ? 'tv-refused' : ''}`}
      aria-busy={busy}
      onKeyDownCapture={(e) => {
        // Escape gives the cell up at once, unless it closes a list that is open over it.
        const list = (e.target as HTMLElement).getAttribute('aria-expanded') === 'true'
        if (e.key !== 'Escape' || list || e.nativeEvent.isComposing) return
        e.stopPropagation()
        ended.current = true
        p.done('stay')
      }}
      onKeyDown={(e) => {
        e.stopPropagation()
        if (e.nativeEvent.isComposing) return
        if (e.key === 'Tab') {
          e.preventDefault()
          setTimeout(() => void latest.current(e.shiftKey ? 'left' : 'right'))
        } else if (e.key === 'Enter' && !e.defaultPrevented && !e.shiftKey)
          setTimeout(() => void latest.current('down'))
      }}
    >
      <Widget
        app={p.app}
        entity={p.entity}
        field={field}
        value={shown}
        onChange={(v) => {
          value.current = v
          setShown(v)
          setProblem(undefined)
        }}
        onCommit={() => setTimeout(() => void latest.current('down'))}
        display={p.display}
        onDisplay={p.learn}
        label={label(p.column.title)}
        hideLabel
        compact
        autoFocus
        currency={p.column.currency}
        context={() => ({ id: p.rec.id, values: p.rec })}
      />
      {problem && (
        <p className="tv-refusal" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}
