import { day as dayText } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import type { ViewMeta } from '../../meta/types.ts'
import { type Dragging, useDrag } from '../drag.ts'
import { addDays, movedTo } from './calendar.ts'
import { clockOf, nowAt, readPlace, shiftedTo, stepped } from './hours.ts'
import { type Grip, longDay } from './parts.tsx'
import type { Calendar } from './useCalendar.ts'

const stepOf: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }
const isDay = (to: string): boolean => /^\d{4}-\d\d-\d\d$/.test(to)

/** movedBy is what changes where an entry is dropped: on another day, or at another hour. */
export function movedBy(view: ViewMeta, calendar: Calendar, g: Grip, to: string): Record<string, string> | undefined {
  if (to === (isDay(to) ? g.day : g.place)) return undefined
  return isDay(to)
    ? movedTo(view, calendar.kinds, g.entry, g.day, to)
    : g.place
      ? shiftedTo(view, calendar.kinds, g.entry, g.place, to)
      : undefined
}

const say = (to: string): string => {
  const at = readPlace(to)
  return at ? `${longDay(at.day)} ${clockOf(at.minutes)}` : longDay(to)
}

/** useCalendarDrag moves entries to other days, and on a scale of hours to other times. */
export function useCalendarDrag(view: ViewMeta, calendar: Calendar): Dragging<Grip> {
  const name = (g: Grip): string => calendar.titleOf(g.entry.rec)
  const begins = (value: unknown): string => {
    const at = nowAt(new Date(String(value)))
    return `${dayText(at.day)} ${clockOf(at.minutes)}`
  }
  return useDrag<Grip>({
    can: () => calendar.movable,
    accepts: (g, to) => isDay(to) || (!!g.place && !!readPlace(to)),
    drop: (g, to) => {
      const values = movedBy(view, calendar, g, to)
      if (!values) return
      if (!g.place) return calendar.move(g.entry, values, dayText(to), dayText(g.day))
      calendar.move(g.entry, values, begins(values[view.start!]), begins(g.entry.rec[view.start!]))
    },
    step: (g, from, key) => (g.place ? stepped(from ?? g.place, key) : addDays(from ?? g.day, stepOf[key] ?? 0)),
    byTop: (g) => !!g.place,
    say: {
      lifted: (g) => t('calendar.sayLifted', { card: name(g), day: say(g.place ?? g.day) }),
      over: (_, to) => t('calendar.sayOver', { day: say(to) }),
      dropped: (g, to) => t('calendar.sayDropped', { card: name(g), day: say(to) }),
      cancelled: (g) => t('calendar.sayCancelled', { card: name(g) }),
      stuck: (g) => t('calendar.sayStuck', { card: name(g) }),
    },
  })
}
