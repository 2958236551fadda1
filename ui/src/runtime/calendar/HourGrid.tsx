import {
  type KeyboardEvent,
  type RefObject,
  type TouchEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { t } from '../../i18n/i18n.ts'
import { addDays, barsOf, type Entry, weekday } from './calendar.ts'
import { HourHead } from './HourHead.tsx'
import { HourLayer } from './HourLayer.tsx'
import { abreast, clockOf, lineOf, nowAt, piecesOf, placeOf, readPlace, spanOf, step, wholeDay } from './hours.ts'
import { longDay, type Pane } from './parts.tsx'
import { useRange } from './useRange.ts'
import './hours.css'

const begins = 8 * 60 // the hour that comes into sight first
const swipe = 60 // pixels that a finger goes sideways to turn to the next day
const gutter = 60 // pixels of the column of times
const readable = 64 // pixels that an entry needs beside others
const lines = Array.from({ length: wholeDay / step }, (_, i) => i * step)

// A grid that is walked by the arrow keys: its rows are half hours.
const roles = {
  row: { role: 'row' },
  head: { role: 'rowheader' },
}

interface HoursProps {
  pane: Pane
  days: string[]
  /** The day that has the focus, or would have. */
  day: string
  onDay: (day: string) => void
  onOpenDay: (day: string) => void
  label: string
}

/** useNow is where this moment stands, minute by minute. */
function useNow(): { day: string; minutes: number } {
  const [now, setNow] = useState(() => nowAt(new Date()))
  useEffect(() => {
    const timer = setInterval(() => setNow(nowAt(new Date())), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** useRoom is how many entries can be read side by side on a day. */
function useRoom(root: RefObject<HTMLElement | null>, days: number): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const el = root.current
    if (!el) return
    const measure = (): void => setWidth(el.clientWidth)
    measure()
    const size = new ResizeObserver(measure)
    size.observe(el)
    return () => size.disconnect()
  }, [root])
  return Math.max(2, Math.floor((width - gutter) / days / readable))
}

/** How far the keys lead from a place: to a day and minutes. */
function walk(key: string, day: string, minutes: number, days: string[]): [string, number] | undefined {
  switch (key) {
    case 'ArrowUp':
      return [day, Math.max(0, minutes - step)]
    case 'ArrowDown':
      return [day, Math.min(wholeDay - step, minutes + step)]
    case 'ArrowLeft':
      return [addDays(day, -1), minutes]
    case 'ArrowRight':
      return [addDays(day, 1), minutes]
    case 'Home':
      return [days[0]!, minutes]
    case 'End':
      return [days.at(-1)!, minutes]
    case 'PageUp':
      return [addDays(day, -7), minutes]
    case 'PageDown':
      return [addDays(day, 7), minutes]
    default:
      return undefined
  }
}

/** HourGrid shows days side by side on a scale of hours, above it what is of whole days. */
export function HourGrid({ pane, days, day, onDay, onOpenDay, label }: HoursProps) {
  const { view, calendar, drag } = pane
  const root = useRef<HTMLDivElement>(null)
  const now = useNow()
  const [minutes, setMinutes] = useState(begins + 60)
  const walked = useRef(false)
  const at = placeOf(day, minutes)
  const whole = calendar.entries.filter((e: Entry) => !spanOf(view, calendar.kinds, e))
  const bars = barsOf(whole, days)
  const pieces = piecesOf(view, calendar.kinds, calendar.entries, days)
  const { shown: fitting, crowds } = abreast(pieces, useRoom(root, days.length))
  const range = useRange(pane.add, (place) => {
    const p = readPlace(place)!
    setMinutes(p.minutes)
    if (p.day !== day) onDay(p.day)
  })

  // The working day comes into sight first, or what begins before it.
  const first = Math.min(begins, ...pieces.filter((p) => !p.before).map((p) => p.from))
  const shown = useRef(false)
  useLayoutEffect(() => {
    const line = shown.current ? undefined : cellOf(root.current, lineOf(days[0]!, first))
    shown.current = true
    if (line && root.current) root.current.scrollTop = line.offsetTop - line.offsetHeight / 2 - headHeight(root.current)
  })
  useEffect(() => {
    if (!walked.current) return
    walked.current = false
    cellOf(root.current, at)?.focus()
  }, [at])
  const over = drag.held?.by === 'keyboard' ? drag.held.over : undefined
  useEffect(() => {
    if (over) cellOf(root.current, over)?.scrollIntoView({ block: 'nearest' })
  }, [over])

  const onKeyDown = (e: KeyboardEvent<HTMLElement>): void => {
    const here = (e.target as HTMLElement).dataset.drop
    if (!here || e.ctrlKey || e.metaKey || e.altKey) return
    const p = readPlace(here)
    if (!p) return
    if (e.key === 'Enter') pane.add?.(p.day, p.minutes)
    else {
      const to = walk(e.key, p.day, p.minutes, days)
      if (!to) return
      walked.current = true
      setMinutes(to[1])
      if (to[0] !== day) onDay(to[0])
    }
    e.preventDefault()
  }
  const touched = useRef<{ x: number; y: number }>(undefined)
  const onTouchStart = (e: TouchEvent): void => {
    const a = e.touches[0]
    touched.current = e.touches.length === 1 && a ? { x: a.clientX, y: a.clientY } : undefined
  }
  const onTouchMove = (): void => {
    if (drag.held) touched.current = undefined // what a finger drags is no swipe
  }
  const onTouchEnd = (e: TouchEvent): void => {
    const [from, to] = [touched.current, e.changedTouches[0]]
    touched.current = undefined
    if (!from || !to || days.length > 1) return
    const x = to.clientX - from.x
    if (Math.abs(x) < swipe || Math.abs(x) < 2 * Math.abs(to.clientY - from.y)) return
    onDay(addDays(day, x < 0 ? 1 : -1))
  }
  const names = days.map(longDay)
  const preview = drag.held?.over ? readPlace(drag.held.over) : undefined

  return (
    <section
      ref={root}
      className={`hours ${days.length === 1 ? 'hours-alone' : ''} ${drag.held ? 'cal-dragging' : ''}`}
      style={{ '--days': days.length } as Record<string, number>}
      aria-label={label}
      onTouchStart={onTouchStart}
      onTouchMove={onTouchMove}
      onTouchEnd={onTouchEnd}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a grid that is walked by the arrow keys */}
      <div role="grid" aria-label={label} onKeyDown={onKeyDown}>
        <HourHead pane={pane} days={days} day={day} bars={bars} onOpenDay={onOpenDay} />
        {lines.map((m) => (
          <div key={m} {...roles.row} className={`hours-row ${m % 60 === 0 ? 'hours-full' : ''}`}>
            <div {...roles.head} className="hours-name">
              <span className={m % 60 === 0 && m > 0 ? '' : 'hidden'}>{clockOf(m)}</span>
            </div>
            {days.map((d, i) => {
              const place = placeOf(d, m)
              return (
                // biome-ignore lint/a11y/useSemanticElements: a grid that is walked by the arrow keys
                <div
                  key={d}
                  role="gridcell"
                  data-drop={place}
                  tabIndex={place === at ? 0 : -1}
                  className={`hours-cell ${weekday(d) % 6 === 0 ? 'hours-off' : ''} ${drag.held?.over === place ? 'hours-over' : ''}`}
                  aria-label={`${names[i]} ${clockOf(m)}`}
                  onPointerDown={(e) => range.begin(e, place)}
                  onFocus={() => setMinutes(m)}
                >
                  {pane.add && place === at && (
                    <button
                      type="button"
                      className="hours-add"
                      tabIndex={-1}
                      onClick={() => pane.add?.(d, m)}
                      aria-label={t('calendar.addAt', { day: names[i]!, time: clockOf(m) })}
                    >
                      + {clockOf(m)}
                    </button>
                  )}
                </div>
              )
            })}
          </div>
        ))}
      </div>
      <HourLayer
        pane={pane}
        days={days}
        pieces={fitting}
        crowds={crowds}
        onOpenDay={onOpenDay}
        now={now}
        over={preview}
        range={range.made}
      />
    </section>
  )
}

const cellOf = (root: HTMLElement | null, place: string): HTMLElement | null | undefined =>
  root?.querySelector<HTMLElement>(`[data-drop="${place}"]`)
const headHeight = (root: HTMLElement): number => root.querySelector<HTMLElement>('.hours-top')?.offsetHeight ?? 0
