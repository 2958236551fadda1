import { count, formatDay } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { type Bar, onDay, weekday } from './calendar.ts'
import { EntryButton, longDay, type Pane, Rest } from './parts.tsx'

const most = 3 // bars of whole days that are shown
const lineHeight = (): number => (window.matchMedia('(pointer: coarse)').matches ? 46 : 26)

const roles = {
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  name: { role: 'rowheader' },
  cell: { role: 'gridcell' },
}

/** HourHead names the days, and has what is of whole days; it stays in sight. */
export function HourHead({
  pane,
  days,
  day,
  bars,
  onOpenDay,
}: {
  pane: Pane
  days: string[]
  day: string
  bars: Bar[]
  onOpenDay: (day: string) => void
}) {
  const { calendar, drag, today } = pane
  const deep = Math.min(most, Math.max(0, ...bars.map((b) => b.line + 1)))
  const rest = (at: number): number => bars.filter((b) => b.at <= at && b.at + b.span > at && b.line >= most).length
  const over = (d: string): string => (drag.held?.over === d ? 'hours-over' : '')
  const line = lineHeight()
  const height = Math.max(1, deep) * line + (days.some((_, i) => rest(i) > 0) ? 24 : 4)
  return (
    <div {...roles.group} className="hours-top">
      <div {...roles.row} className={`hours-days ${days.length === 1 ? 'hidden' : ''}`}>
        <div {...roles.head} className="hours-name">
          <span className="hidden">{t('calendar.time')}</span>
        </div>
        {days.map((d) => (
          <div
            key={d}
            {...roles.head}
            data-drop={d}
            aria-current={d === today ? 'date' : undefined}
            className={`hours-day ${d === today ? 'cal-today' : ''} ${weekday(d) % 6 === 0 ? 'cal-rest-day' : ''} ${over(d)}`}
          >
            <span className="hidden">
              {t('calendar.dayLabel', { day: longDay(d), n: count(onDay(calendar.entries, d).length) })}
            </span>
            <span aria-hidden>{formatDay(d, { weekday: 'short' })}</span>
            <span className="cal-number" aria-hidden>
              {Number(d.slice(8))}
            </span>
          </div>
        ))}
      </div>
      <div {...roles.row} className="hours-whole" style={{ height }}>
        <div {...roles.name} className="hours-name">
          <span>{t('calendar.allDay')}</span>
        </div>
        {days.map((d, i) => (
          <div key={d} {...roles.cell} data-drop={d} className={`hours-all ${over(d)}`}>
            {bars
              .filter((b) => b.at === i && b.line < most)
              .map((b) => (
                <div
                  key={b.entry.rec.id}
                  className={`cal-bar ${b.before ? 'cal-from' : ''} ${b.after ? 'cal-on' : ''}`}
                  style={{ top: b.line * line + 2, width: `calc(${b.span * 100}% - 6px)` }}
                >
                  <EntryButton pane={pane} entry={b.entry} day={d} />
                </div>
              ))}
            {rest(i) > 0 && <Rest day={d} n={rest(i)} onOpen={onOpenDay} />}
            {pane.add && (
              <IconButton
                size="s"
                icon="plus"
                className="cal-add hours-plus"
                label={t('calendar.addOn', { day: longDay(d) })}
                excludeFromTabOrder={d !== day}
                onPress={() => pane.add?.(d)}
              />
            )}
          </div>
        ))}
      </div>
    </div>
  )
}
