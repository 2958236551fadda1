import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { IconButton } from './button.tsx'
import { Icon } from './icon.tsx'
import { Pop, useSoonPop } from './pop.tsx'
import { paletteOf } from './tag.tsx'
import './finder.css'

/** What a choice gives to other fields of a form. */
export type Given = Record<string, { id: string; display: string | null }>

/** One thing to choose. */
export interface Option {
  id: string
  text: string
  /** A second line: code, barcode, specification. */
  detail?: string
  /** Stands beside the text. */
  note?: string
  color?: string
  depth?: number
  retired?: boolean
  icon?: string
  /** Heads the group that begins here. */
  head?: string
  /** What choosing it gives to other fields. */
  set?: Given
}

/** What ties an input to its label, hint and error. */
export interface Tied {
  id: string
  'aria-label'?: string
  'aria-describedby'?: string
  'aria-invalid'?: true
  'aria-required'?: true
}

export interface FinderProps {
  tied: Tied
  /** Names the list, where the input has its name from a label. */
  name?: string
  /** What is chosen, as text. */
  shown: string
  options: Option[]
  /** The query that the options answer; others are still on their way. */
  answered: string
  onQuery: (q: string | undefined) => void
  onPick: (o: Option) => void
  onClear?: () => void
  onCommit?: () => void
  selected?: ReadonlySet<string>
  /** Further choices stay possible after one was made. */
  many?: boolean
  readOnly?: boolean
  autoFocus?: boolean
  compact?: boolean
  placeholder?: string
  before?: ReactNode
  foot?: ReactNode
  /** A short list, which a finger chooses from: the keyboard of a touch screen comes with the second tap. */
  short?: boolean
  /** Removes the last of what is chosen, with Backspace in an empty input. */
  onBack?: () => void
}

/** The id of the entry that makes something new: nobody chooses it by accident. */
export const newID = '+'

const touch = (): boolean => window.matchMedia('(pointer: coarse)').matches

/** Finder is an input that finds one of many: by typing, by arrows, by a scanner that types a code and presses Enter. */
export function Finder(c: FinderProps) {
  const [query, setQuery] = useState<string>()
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const [waiting, setWaiting] = useState(false)
  const [typing, setTyping] = useState(!c.short || !touch())
  const [placed, setPlaced] = useState(0)
  const box = useRef<HTMLInputElement>(null)
  const spot = useRef<HTMLDivElement>(null)
  const list = useId()
  const named = c.tied['aria-label'] ?? c.name ?? t('common.choices')
  useSoonPop()
  const typed = query ?? ''
  const fresh = c.answered === typed
  const here = Math.min(at, c.options.length - 1)

  const ask = (q: string | undefined): void => {
    setQuery(q)
    setAt(0)
    c.onQuery(q)
  }
  const show = (q = ''): void => {
    setOpen(true)
    ask(q)
  }
  const close = (): void => {
    setOpen(false)
    setWaiting(false)
    setTyping(!c.short || !touch())
    ask(undefined)
  }
  // A list closes where the page scrolls below it, as it does when a new line comes into view; what is being typed stays.
  const away = (): void => {
    if (typed !== '' && document.activeElement === box.current) setPlaced(placed + 1)
    else close()
  }
  const pick = (o: Option | undefined, commit: boolean): void => {
    if (!o) return
    c.onPick(o)
    if (c.many) ask('')
    else close()
    if (commit && !c.many) c.onCommit?.()
  }

  // Enter came before the answer, as it does from a scanner: the first of what is found is taken.
  useEffect(() => {
    if (!waiting || !fresh) return
    setWaiting(false)
    const [first] = c.options
    if (first && first.id !== newID) pick(first, true)
  })
  useEffect(() => {
    if (!c.autoFocus) return
    box.current?.focus()
    box.current?.select()
  }, [c.autoFocus])

  const onKey = (e: KeyboardEvent): void => {
    if (c.readOnly || e.nativeEvent.isComposing) return
    const last = c.options.length - 1
    switch (e.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        if (!open && c.compact && !e.altKey) return
        e.preventDefault()
        e.stopPropagation()
        if (!open) show()
        else setAt(e.key === 'ArrowDown' ? (here >= last ? 0 : here + 1) : here <= 0 ? last : here - 1)
        return
      }
      case 'Enter':
        if (open && (typed !== '' || at > 0 || c.many)) {
          e.preventDefault()
          e.stopPropagation()
          if (fresh) pick(c.options[here], true)
          else setWaiting(true)
        } else if (!open && !c.compact) {
          e.preventDefault()
          show()
        } else {
          close()
          c.onCommit?.()
        }
        return
      case 'Escape':
        if (!open) return
        e.stopPropagation()
        close()
        return
      case 'Tab':
        if (open && typed !== '' && fresh && c.options.length > 0 && !c.many) pick(c.options[here], false)
        else if (open) close()
        return
      case 'Backspace':
        if (typed === '' && query !== undefined) c.onBack?.()
    }
  }

  return (
    <div ref={spot} className={`input combo ${c.readOnly ? 'combo-off' : ''}`} data-open={open || undefined}>
      {c.before}
      <input
        ref={box}
        {...c.tied}
        className="combo-input"
        role="combobox"
        aria-expanded={open}
        aria-controls={open ? list : undefined}
        aria-autocomplete="list"
        aria-activedescendant={open && here >= 0 ? `${list}-${here}` : undefined}
        autoComplete="off"
        spellCheck={false}
        readOnly={c.readOnly}
        inputMode={typing ? undefined : 'none'}
        placeholder={c.shown || c.placeholder}
        value={query !== undefined && open ? typed : c.shown}
        onChange={(e) => {
          if (!open) setOpen(true)
          ask(e.target.value)
        }}
        onFocus={(e) => {
          // A scanner may have typed by the time the frame comes: what it typed must not be selected and replaced.
          const el = e.currentTarget
          const before = el.value
          requestAnimationFrame(() => document.activeElement === el && el.value === before && el.select())
        }}
        onPointerDown={() => open && setTyping(true)}
        onClick={() => !c.readOnly && !open && show()}
        onBlur={() => {
          if (query === '' && c.shown === '' && c.onClear === undefined) close()
          else if (open) close()
        }}
        onKeyDown={onKey}
      />
      {!c.readOnly && c.onClear && c.shown !== '' && !c.compact && (
        <IconButton
          icon="x"
          size="s"
          label={t('common.clear')}
          className="combo-btn"
          excludeFromTabOrder
          onPress={c.onClear}
        />
      )}
      {!c.readOnly && (
        <span className="combo-down" aria-hidden>
          <Icon name="down" size={14} />
        </span>
      )}
      {open && (
        <Pop key={placed} className="combo-pop" label={named} list at={spot} onClose={away}>
          <div id={list} role="listbox" aria-label={named} className="list" aria-multiselectable={c.many}>
            {c.options.map((o, i) => (
              <Row
                key={o.id}
                id={`${list}-${i}`}
                o={o}
                on={i === here}
                chosen={c.selected?.has(o.id) ?? false}
                point={() => setAt(i)}
                pick={() => pick(o, true)}
              />
            ))}
            {c.options.length === 0 && (
              <div role="option" tabIndex={-1} aria-selected={false} aria-disabled className="list-empty">
                {t(fresh ? 'common.noResults' : 'common.loading')}
              </div>
            )}
          </div>
          {c.foot}
        </Pop>
      )}
    </div>
  )
}

function Row({
  id,
  o,
  on,
  chosen,
  point,
  pick,
}: {
  id: string
  o: Option
  on: boolean
  chosen: boolean
  point: () => void
  pick: () => void
}) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (on) row.current?.scrollIntoView({ block: 'nearest' })
  }, [on])
  return (
    // The input keeps the focus and handles the keys; the row only takes the pointer.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={row}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      className={`list-item combo-row ${on ? 'combo-on' : ''}`}
      onMouseDown={(e) => e.preventDefault()}
      onMouseMove={point}
      onClick={pick}
    >
      {o.color !== undefined && <span className={`combo-dot tint-${paletteOf(o.color)}`} aria-hidden />}
      {o.icon && <Icon name={o.icon} />}
      <span className="list-text" style={o.depth ? { paddingInlineStart: o.depth * 16 } : undefined}>
        {o.head && <span className="combo-head">{o.head}</span>}
        <span className={o.retired ? 'combo-retired' : ''}>{o.text}</span>
        {o.detail && <span className="combo-detail">{o.detail}</span>}
      </span>
      {o.note && <span className="list-note">{o.note}</span>}
      {chosen && <Icon name="check" />}
    </div>
  )
}
