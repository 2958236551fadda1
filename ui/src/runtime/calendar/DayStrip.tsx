import { formatDay } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { longDay, type Pane } from './parts.tsx'

/** DayStrip is the days of a week, to go from one to another on a phone. */
export function DayStrip({
  pane,
  days,
  day,
  onDay,
}: {
  pane: Pane
  days: string[]
  day: string
  onDay: (day: string) => void
}) {
  return (
    <fieldset className="hours-strip" aria-label={t('calendar.week')}>
      {days.map((d) => (
        <button
          key={d}
          type="button"
          aria-pressed={d === day}
          aria-current={d === pane.today ? 'date' : undefined}
          onClick={() => onDay(d)}
        >
          <span className="hidden">{longDay(d)}</span>
          <span className="soft" aria-hidden>
            {formatDay(d, { weekday: 'narrow' })}
          </span>
          <span aria-hidden>{Number(d.slice(8))}</span>
        </button>
      ))}
    </fieldset>
  )
}
