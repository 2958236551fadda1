import { type KeyboardEvent, useEffect, useRef } from 'react'
import { count, formatDay } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { addDays, addMonths, barsOf, monthOf, onDay, weekday } from './calendar.ts'
import { EntryButton, longDay, type Pane, Rest } from './parts.tsx'

const lines = 3 // bars of a day of a month
const lineHeight = 25
const top = 30

// A grid that is walked by the arrow keys, and laid out as one: not a table that is read.
const roles = {
  row: { role: 'row' },
  head: { role: 'columnheader' },
}

interface GridProps {
  pane: Pane
  weeks: string[][]
  /** The day that has the focus, or would have. */
  day: string
  onDay: (day: string) => void
  /** Shows all of a day. */
  onOpenDay: (day: string) => void
  label: string
  /** A week shows its entries whole, under each other. */
  tall: boolean
}

const steps: Record<string, (day: string, week: string[]) => string> = {
  ArrowLeft: (d) => addDays(d, -1),
  ArrowRight: (d) => addDays(d, 1),
  ArrowUp: (d) => addDays(d, -7),
  ArrowDown: (d) => addDays(d, 7),
  Home: (_, w) => w[0]!,
  End: (_, w) => w.at(-1)!,
  PageUp: (d) => addMonths(d, -1),
  PageDown: (d) => addMonths(d, 1),
}

function Day({ p, week, day }: { p: GridProps; week: string[]; day: string }) {
  const { pane } = p
  const { calendar, drag, today } = pane
  const here = onDay(calendar.entries, day)
  const bars = p.tall ? [] : barsOf(calendar.entries, week)
  const at = week.indexOf(day)
  const mine = bars.filter((b) => b.at === at && b.line < lines)
  const hidden = bars.filter((b) => b.at <= at && b.at + b.span > at && b.line >= lines).length
  const held = drag.held
  const look = [
    !p.tall && monthOf(day) !== monthOf(p.day) && 'cal-other',
    day === today && 'cal-today',
    held?.over === day && 'cal-over',
  ]
  const onKeyDown = (e: KeyboardEvent<HTMLElement>): void => {
    if (e.target !== e.currentTarget || e.ctrlKey || e.metaKey || e.altKey) return
    const step = steps[e.key]
    if (e.key === 'Enter') p.onOpenDay(day)
    else if (step) p.onDay(step(day, week))
    else return
    e.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a grid that is walked by the arrow keys
    <div
      role="gridcell"
      data-drop={day}
      tabIndex={day === p.day ? 0 : -1}
      className={`cal-day ${look.filter(Boolean).join(' ')}`}
      aria-current={day === today ? 'date' : undefined}
      onKeyDown={onKeyDown}
    >
      <span className="cal-head">
        <span className="hidden">{t('calendar.dayLabel', { day: longDay(day), n: count(here.length) })}</span>
        <span className="cal-number" aria-hidden>
          {Number(day.slice(8))}
        </span>
        {pane.add && (
          <IconButton
            size="s"
            icon="plus"
            className="cal-add"
            label={t('calendar.addOn', { day: longDay(day) })}
            excludeFromTabOrder={day !== p.day}
            onPress={() => pane.add?.(day)}
          />
        )}
      </span>
      {p.tall ? (
        <div className="cal-stack">
          {here.map((e) => (
            <EntryButton key={e.rec.id} pane={pane} entry={e} day={day} wide />
          ))}
        </div>
      ) : (
        <>
          {mine.map((b) => (
            <div
              key={b.entry.rec.id}
              className={`cal-bar ${b.before ? 'cal-from' : ''} ${b.after ? 'cal-on' : ''}`}
              style={{ top: top + b.line * lineHeight, width: `calc(${b.span * 100}% - 6px)` }}
            >
              <EntryButton pane={pane} entry={b.entry} day={day} />
            </div>
          ))}
          {hidden > 0 && <Rest day={day} n={hidden} onOpen={p.onOpenDay} />}
        </>
      )}
    </div>
  )
}

/** DayGrid shows weeks as rows of days, walked by the arrow keys. */
export function DayGrid(p: GridProps) {
  const root = useRef<HTMLDivElement>(null)
  const walked = useRef(false)
  useEffect(() => {
    if (!walked.current) return
    walked.current = false
    root.current?.querySelector<HTMLElement>(`[data-drop="${p.day}"]`)?.focus()
  }, [p.day])
  const shared: GridProps = {
    ...p,
    onDay: (d) => {
      walked.current = true
      p.onDay(d)
    },
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a grid that is walked by the arrow keys
    <div
      ref={root}
      role="grid"
      aria-label={p.label}
      className={`cal-grid ${p.tall ? 'cal-tall' : ''} ${p.pane.drag.held ? 'cal-dragging' : ''}`}
    >
      <div {...roles.row} className="cal-week cal-names">
        {p.weeks[0]!.map((d) => (
          <div key={d} {...roles.head} className={`cal-name ${weekday(d) % 6 === 0 ? 'cal-rest-day' : ''}`}>
            {formatDay(d, { weekday: 'short' })}
          </div>
        ))}
      </div>
      {p.weeks.map((w) => (
        <div key={w[0]} {...roles.row} className="cal-week">
          {w.map((d) => (
            <Day key={d} p={shared} week={w} day={d} />
          ))}
        </div>
      ))}
    </div>
  )
}
