import type { CSSProperties } from 'react'
import { count, formatDay } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { paletteOf, Tag } from '../../kit/tag.tsx'
import { valueAt } from '../../meta/record.ts'
import type { Kind, ViewMeta } from '../../meta/types.ts'
import type { Dragging } from '../drag.ts'
import { Shown } from '../form/Shown.tsx'
import type { Entry } from './calendar.ts'
import type { Calendar } from './useCalendar.ts'

/** What is dragged: an entry, by the day on which it was taken, or by the place on the scale of hours. */
export interface Grip {
  entry: Entry
  day: string
  place?: string
}

/** What the ways of showing a calendar share. */
export interface Pane {
  view: ViewMeta
  /** The id of what says how entries are moved. */
  how: string
  kind: Kind
  calendar: Calendar
  drag: Dragging<Grip>
  today: string
  open: (id: string) => void
  /** Undefined where nothing may be added. */
  add: ((day: string, from?: number, to?: number) => void) | undefined
}

export const longDay = (day: string): string =>
  formatDay(day, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' })

const rulesOf = (p: Pane, e: Entry) => {
  const names = p.calendar.list?.colors?.[e.rec.id] ?? []
  return (p.view.colors ?? []).filter((c) => names.includes(c.name))
}

/** tintOf is the colour of an entry: of the first rule that holds for the whole record. */
export function tintOf(p: Pane, e: Entry): string {
  const rule = rulesOf(p, e).find((c) => !c.field)
  return rule ? `tint-${paletteOf(rule.color)}` : 'cal-plain'
}

function timeOf(p: Pane, e: Entry): string {
  if (p.kind !== 'datetime') return ''
  const at = new Date(String(e.rec[p.view.start!]))
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
}

/** EntryButton opens a record, and is what is dragged. */
export function EntryButton({
  pane,
  entry,
  day,
  wide,
  place,
  until,
}: {
  pane: Pane
  entry: Entry
  day: string
  wide?: boolean
  place?: string
  /** The time at which it ends, where that is shown. */
  until?: string
}) {
  const grip = { entry, day, place }
  const { onPointerDown, onKeyDown, onBlur } = pane.drag.handle(grip)
  const rules = rulesOf(pane, entry)
  const title = pane.calendar.titleOf(entry.rec)
  const time = timeOf(pane, entry)
  const lifted = pane.drag.held?.item.entry.rec.id === entry.rec.id
  const rest = (pane.view.columns ?? []).slice(1)
  const span =
    entry.to > entry.from && !place ? t('calendar.span', { from: longDay(entry.from), to: longDay(entry.to) }) : ''
  const words = rules.map((r) => label(r.title, r.name))
  return (
    <button
      type="button"
      data-entry={entry.rec.id}
      className={`cal-entry ${tintOf(pane, entry)} ${wide ? 'cal-wide' : ''} ${lifted ? 'cal-lifted' : ''}`}
      aria-describedby={pane.calendar.movable ? pane.how : undefined}
      title={[place && [time, until].filter(Boolean).join('–'), title, span, ...words].filter(Boolean).join(' · ')}
      onClick={() => pane.open(entry.rec.id)}
      onPointerDown={onPointerDown}
      onKeyDown={(e) => {
        onKeyDown(e)
        e.stopPropagation()
      }}
      onBlur={onBlur}
    >
      {place && <span className="hidden">{longDay(day)}</span>}
      <span className="cal-line">
        {time && (
          <span className="cal-time">
            {time}
            {until && <span className="cal-until">–{until}</span>}
          </span>
        )}
        <span className="cal-title">{title}</span>
        {!wide && words.length > 0 && <span className="hidden">{words.join(' ')}</span>}
      </span>
      {wide && (
        <>
          {span && <span className="cal-more">{span}</span>}
          {rest.map((c) => {
            const value = valueAt(entry.rec, c.path)
            return value === null || value === undefined || value === '' ? null : (
              <span key={c.path} className="cal-more">
                <Shown field={c} value={value} display={pane.calendar.list?.display} compact />
              </span>
            )
          })}
          {rules.length > 0 && (
            <span className="cal-tags">
              {rules.map((r) => (
                <Tag key={r.name} color={r.color}>
                  {label(r.title, r.name)}
                </Tag>
              ))}
            </span>
          )}
        </>
      )}
    </button>
  )
}

/** Rest stands for what a day has more than there is room for, and opens the day. */
export function Rest({
  day,
  at,
  n,
  style,
  onOpen,
}: {
  day: string
  /** The time from which on it stands for more. */
  at?: string
  n: number
  style?: CSSProperties
  onOpen: (day: string) => void
}) {
  const told = `${[longDay(day), at].filter(Boolean).join(' ')}: ${t('calendar.more', { n: count(n) })}`
  return (
    <button
      type="button"
      className={`cal-rest ${style ? 'hours-piece hours-rest' : ''}`}
      style={style}
      aria-label={told}
      title={told}
      onClick={() => onOpen(day)}
    >
      +{count(n)}
    </button>
  )
}

/** Legend says what the colours mean. */
export function Legend({ view }: { view: ViewMeta }) {
  const colors = (view.colors ?? []).filter((c) => !c.field)
  if (colors.length === 0) return null
  return (
    <ul className="cal-legend" aria-label={t('calendar.meaning')}>
      {colors.map((c) => (
        <li key={c.name}>
          <Tag color={c.color}>{label(c.title, c.name)}</Tag>
        </li>
      ))}
    </ul>
  )
}
