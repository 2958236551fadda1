import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { entryOf } from './calendar.ts'
import { type Crowd, clockOf, lineOf, type Piece, piecesOf, placeOf, step } from './hours.ts'
import { EntryButton, longDay, type Pane, Rest } from './parts.tsx'
import { movedBy } from './useCalendarDrag.ts'

const tall = 45 // minutes from which there is room for more than a line
const roomy = 75 // and for more than the title

const boxOf = (from: number, to: number, lane = 0, lanes = 1): Record<string, number> => ({
  '--from': from / step,
  '--long': (to - from) / step,
  '--lane': lane / lanes,
  '--wide': 1 / lanes,
})

const lookOf = (p: Piece): string =>
  [
    'hours-piece',
    p.before && 'hours-from',
    p.after && 'hours-on',
    p.to - p.from < tall ? 'hours-flat' : p.to - p.from < roomy && 'hours-mid',
    p.lanes > 1 && 'hours-narrow',
    p.crowded && 'hours-crowded',
  ]
    .filter(Boolean)
    .join(' ')

/** HourLayer lies over the hours: entries where they are, this moment, and what is being moved or made. */
export function HourLayer({
  pane,
  days,
  pieces,
  crowds,
  onOpenDay,
  now,
  over,
  range,
}: {
  pane: Pane
  days: string[]
  pieces: Piece[]
  crowds: Crowd[]
  onOpenDay: (day: string) => void
  now: { day: string; minutes: number }
  over: { day: string; minutes: number } | undefined
  range: { day: string; from: number; to: number } | undefined
}) {
  const { view, calendar, drag } = pane
  const held = drag.held?.item
  const values = held && over && movedBy(view, calendar, held, placeOf(over.day, over.minutes))
  const moved = values && entryOf(view, calendar.kinds, { ...held.entry.rec, ...values })
  const target = moved ? piecesOf(view, calendar.kinds, [moved], days) : []
  return (
    <div className="hours-layer">
      {days.map((d) => {
        const here = pieces.filter((p) => p.day === d)
        const rest = crowds.filter((c) => c.day === d)
        const all = rest.reduce((n, c) => n + c.count, here.length)
        return (
          // biome-ignore lint/a11y/useSemanticElements: a group of buttons, not of form fields
          <div
            key={d}
            role="group"
            aria-label={t('calendar.dayLabel', { day: longDay(d), n: count(all) })}
            className="hours-column"
          >
            {here.map((p) => (
              <div key={p.entry.rec.id} className={lookOf(p)} style={boxOf(p.from, p.to, p.lane, p.lanes)}>
                <EntryButton
                  pane={pane}
                  entry={p.entry}
                  day={d}
                  wide={p.to - p.from >= tall}
                  place={lineOf(d, p.from)}
                  until={p.to - p.from >= tall && view.end && p.entry.rec[view.end] ? clockOf(p.to % 1440) : undefined}
                />
              </div>
            ))}
            {rest.map((c) => (
              <Rest
                key={c.from}
                day={d}
                at={clockOf(c.from)}
                n={c.count}
                style={boxOf(c.from, c.to)}
                onOpen={onOpenDay}
              />
            ))}
            {target
              .filter((p) => p.day === d)
              .map((p) => (
                <div key="target" aria-hidden className="hours-piece hours-target" style={boxOf(p.from, p.to)}>
                  {clockOf(p.from)} {calendar.titleOf(p.entry.rec)}
                </div>
              ))}
            {range?.day === d && (
              <div aria-hidden className="hours-piece hours-target" style={boxOf(range.from, range.to)}>
                {clockOf(range.from)}–{clockOf(range.to % 1440)}
              </div>
            )}
            {now.day === d && <div aria-hidden className="hours-now" style={boxOf(now.minutes, now.minutes)} />}
          </div>
        )
      })}
    </div>
  )
}
