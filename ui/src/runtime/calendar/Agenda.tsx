import { count, formatDay } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Empty } from '../../kit/state.tsx'
import { onDay } from './calendar.ts'
import { EntryButton, longDay, type Pane } from './parts.tsx'

/** Agenda lists the days that have something, and what. */
export function Agenda({ pane, days }: { pane: Pane; days: string[] }) {
  const busy = days.map((day) => ({ day, here: onDay(pane.calendar.entries, day) })).filter((d) => d.here.length > 0)
  if (busy.length === 0) return <Empty icon="calendar" title={t('calendar.none')} />
  return (
    <ol className="cal-agenda">
      {busy.map(({ day, here }) => (
        <li key={day} className={`cal-date ${day === pane.today ? 'cal-today' : ''}`} data-drop={day}>
          <header className="cal-date-head">
            <h3>
              <span className="cal-number" aria-hidden>
                {Number(day.slice(8))}
              </span>
              <span className="hidden">{longDay(day)}</span>
              <span aria-hidden>{formatDay(day, { weekday: 'long' })}</span>
            </h3>
            <span className="soft">{t('calendar.events', { n: count(here.length) })}</span>
            {pane.add && (
              <IconButton
                size="s"
                icon="plus"
                label={t('calendar.addOn', { day: longDay(day) })}
                onPress={() => pane.add?.(day)}
              />
            )}
          </header>
          <div className="cal-stack">
            {here.map((e) => (
              <EntryButton key={e.rec.id} pane={pane} entry={e} day={day} wide />
            ))}
          </div>
        </li>
      ))}
    </ol>
  )
}
