import { type InputHTMLAttributes, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Tied } from '../../kit/finder.tsx'
import { Frame, type WidgetProps } from './frame.tsx'

interface TypedProps {
  p: WidgetProps
  /** The value at rest: "1,234.50". */
  shown: string
  /** The value as one types it: "1234.5". */
  plain: string
  /** Reads what was typed: null for nothing, undefined for what can't be understood. */
  read: (typed: string) => unknown
  /** Said while what was typed can't be understood. */
  wrong?: string
  /** Whether the value follows every key, or only once the field is left. */
  live?: boolean
  input?: InputHTMLAttributes<HTMLInputElement>
  after?: ReactNode
  className?: string
}

/** Typed is an input whose text means something else than it says: numbers, dates, lengths of time. While it has the
 * focus it holds what is typed; outside of it, the value. */
export function Typed({ p, shown, plain, read, wrong, live, input, after, className }: TypedProps) {
  const [text, setText] = useState<string>() // what was typed, until it is taken over
  const [focused, setFocused] = useState(!!p.autoFocus && !p.readOnly) // holds the value as one types it at once
  const [odd, setOdd] = useState(false)
  const box = useRef<HTMLInputElement>(null)
  const before = useRef(p.value)
  const take = (typed: string): boolean => {
    const v = read(typed)
    setOdd(v === undefined)
    if (v === undefined) return false
    if (v !== (p.value ?? null)) p.onChange(v)
    return true
  }
  const leave = (): void => {
    setFocused(false)
    if (text !== undefined && take(text)) setText(undefined)
  }
  const key = (e: KeyboardEvent): void => {
    if (e.key === 'Enter' && !e.nativeEvent.isComposing) {
      if (text !== undefined && take(text)) setText(undefined)
      p.onCommit?.()
    }
    if (e.key === 'Escape' && text !== undefined) {
      e.stopPropagation()
      setText(undefined)
      setOdd(false)
      if (live) p.onChange(before.current ?? null)
    }
  }
  useSelectAll(box, p.autoFocus)
  const error = odd ? wrong : p.error
  return (
    <Frame p={error === p.error ? p : { ...p, error }}>
      {(tied) => (
        <div className={`field-box ${className ?? ''}`}>
          <input
            ref={box}
            {...tied}
            className="input"
            autoComplete="off"
            readOnly={p.readOnly}
            value={text ?? (focused ? plain : shown)}
            onFocus={() => {
              if (p.readOnly) return
              before.current = p.value
              setFocused(true)
              requestAnimationFrame(() => {
                const el = box.current
                if (el && document.activeElement === el && el.value === plain) el.select() // unless one has typed already
              })
            }}
            onChange={(e) => {
              setText(e.target.value)
              if (live) {
                const v = read(e.target.value)
                if (v !== undefined) {
                  setOdd(false)
                  p.onChange(v)
                }
              }
            }}
            onBlur={leave}
            onKeyDown={key}
            {...input}
          />
          {after}
        </div>
      )}
    </Frame>
  )
}

/** useSelectAll focuses an input when it appears and selects what is in it. */
export function useSelectAll(box: { current: HTMLInputElement | HTMLTextAreaElement | null }, on?: boolean): void {
  useEffect(() => {
    if (!on) return
    box.current?.focus()
    box.current?.select()
  }, [on, box])
}

/** Plain is an input or a text area whose text is the value. */
export function Plain({
  p,
  rows,
  input,
  after,
  mono,
}: {
  p: WidgetProps
  rows?: number
  input?: InputHTMLAttributes<HTMLInputElement>
  after?: ReactNode
  mono?: boolean
}) {
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  useSelectAll(box, p.autoFocus)
  const shared = (tied: Tied) => ({
    ...tied,
    ref: box,
    className: `input ${mono ? 'w-mono' : ''}`,
    readOnly: p.readOnly,
    maxLength: p.field.max_length || undefined,
    value: p.value == null ? '' : String(p.value),
    onChange: (e: { target: { value: string } }) => p.onChange(e.target.value === '' ? null : e.target.value),
  })
  return (
    <Frame p={p}>
      {(tied) =>
        rows ? (
          <textarea {...shared(tied)} rows={rows} />
        ) : (
          <div className="field-box">
            <input
              {...shared(tied)}
              autoComplete="off"
              onKeyDown={(e) => e.key === 'Enter' && !e.nativeEvent.isComposing && p.onCommit?.()}
              {...input}
            />
            {after}
          </div>
        )
      }
    </Frame>
  )
}
