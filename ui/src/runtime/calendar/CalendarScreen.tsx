import { useId, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { count, day as dayText, formatDay } from '../../i18n/format.ts'
import { label, locale, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Icon } from '../../kit/icon.tsx'
import { usePhone } from '../../kit/media.ts'
import { Page } from '../../kit/page.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf } from '../../meta/find.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { useKeyPlace } from '../../shell/commands.ts'
import { useAddress } from '../address.ts'
import { Narrow } from '../Narrow.tsx'
import { SearchBox } from '../SearchBox.tsx'
import type { ScreenProps } from '../screens.ts'
import { usePeek } from '../usePeek.tsx'
import { useQuickAdd } from '../useQuickAdd.tsx'
import { Agenda } from './Agenda.tsx'
import { addDays, addMonths, localDay, monthDays, onDay, weekOf, weeksOf } from './calendar.ts'
import { DayGrid } from './DayGrid.tsx'
import { DayStrip } from './DayStrip.tsx'
import { HourGrid } from './HourGrid.tsx'
import { momentAt } from './hours.ts'
import { EntryButton, Legend, longDay, type Pane } from './parts.tsx'
import { type Kinds, kindsOf, mostShown, useCalendar } from './useCalendar.ts'
import { useCalendarDrag } from './useCalendarDrag.ts'
import './calendar.css'

const modes = ['month', 'week', 'agenda'] as const
type Mode = (typeof modes)[number]
const weekBegins = (): number => (locale() === 'en-US' ? 0 : 1)
const morning = 9 * 60 // when something is, of which only the day is said
const hour = 60

/** CalendarScreen shows records on the days of their dates. */
export function CalendarScreen({ app, view }: ScreenProps) {
  useKeyPlace('calendar')
  const entity = entityOf(useMeta(app), view.entity)
  if (!entity || !view.start) return <Failed alone error={new Error(view.name)} />
  return <Loaded app={app} view={view} entity={entity} />
}

/** known is what a new record has: when it is, as far as that was shown. */
function known(view: ViewMeta, kinds: Kinds, day: string, from?: number, to?: number): Record<string, string> {
  const out = { [view.start!]: kinds.start === 'datetime' ? momentAt(day, from ?? morning) : day }
  if (!view.end || from === undefined) return out
  return { ...out, [view.end]: kinds.end === 'datetime' ? momentAt(day, to ?? from + hour) : day }
}

function Loaded({ app, view, entity }: ScreenProps & { entity: EntityMeta }) {
  const phone = usePhone()
  const meta = useMeta(app)
  const { open, peek } = usePeek(app, entity.name)
  const [at, go] = useAddress()
  const today = localDay(new Date())
  const day = /^\d{4}-\d\d-\d\d$/.test(at.day ?? '') ? at.day! : today
  // A phone has no room for a month: a link to one shows its days.
  const mode: Mode = modes.find((m) => m === at.mode && !(phone && m === 'month')) ?? (phone ? 'agenda' : 'month')
  const kinds = kindsOf(entity, view)
  const hours = mode === 'week' && kinds.start === 'datetime'
  const alone = hours && phone // a day at a time
  const weeks = mode === 'week' ? [weekOf(day, weekBegins())] : weeksOf(day, weekBegins())
  const days = alone ? [day] : mode === 'agenda' ? monthDays(day) : weeks.flat()
  const calendar = useCalendar(app, entity, view, days[0]!, days.at(-1)!, {
    search: at.search ?? '',
    filter: at.filter ?? '',
  })
  const [opened, setOpened] = useState<string>()
  const quick = useQuickAdd(app, entity, view.name, calendar.retry)
  const drag = useCalendarDrag(view, calendar)
  const how = useId()
  const pane: Pane = {
    view,
    how,
    kind: kinds.start,
    calendar,
    drag,
    today,
    open,
    add: entity.actions.includes('create') ? (d, from, to) => quick.add(known(view, kinds, d, from, to)) : undefined,
  }
  const turn = (by: number): void =>
    go({ day: mode === 'week' ? addDays(day, by * (alone ? 1 : 7)) : addMonths(day, by) })
  const name = alone
    ? formatDay(day, { year: 'numeric', month: 'long', day: 'numeric' })
    : mode === 'week'
      ? t('calendar.span', { from: dayText(days[0]!), to: dayText(days.at(-1)!) })
      : formatDay(day, { year: 'numeric', month: 'long' })
  return (
    <Page
      title={label(view.title, view.name)}
      wide
      actions={
        <>
          <SearchBox value={at.search ?? ''} onSearch={(search) => go({ search })} />
          <Narrow
            app={app}
            meta={meta}
            entity={entity.name}
            value={at.filter ?? ''}
            onChange={(filter) => go({ filter })}
          />
        </>
      }
    >
      <p id={how} hidden>
        {t('calendar.how')}
      </p>
      <div className="hidden" role="status" aria-live="assertive">
        {drag.said}
      </div>
      <div className="cal-bar-top">
        <Button onPress={() => go({ day: undefined })}>{t('common.today')}</Button>
        <IconButton icon="left" label={t('calendar.before')} onPress={() => turn(-1)} />
        <IconButton icon="right" label={t('calendar.after')} onPress={() => turn(1)} />
        <h2 aria-live="polite">{name}</h2>
        <span className="grow" />
        <Legend view={view} />
        <fieldset className="cal-modes" aria-label={t('calendar.show')}>
          {modes
            .filter((m) => !phone || m !== 'month')
            .map((m) => (
              <button key={m} type="button" aria-pressed={m === mode} onClick={() => go({ mode: m })}>
                {t(m === 'week' && phone && kinds.start === 'datetime' ? 'calendar.day' : `calendar.${m}`)}
              </button>
            ))}
        </fieldset>
      </div>
      {calendar.refused && (
        <div className="note-box danger cal-note" role="alert">
          <Icon name="alert" />
          <span className="grow">{calendar.refused.text}</span>
          <IconButton size="s" icon="x" label={t('common.close')} onPress={calendar.dismiss} />
        </div>
      )}
      {calendar.cut && <p className="note-box warn cal-note">{t('calendar.cut', { n: count(mostShown) })}</p>}
      {calendar.error ? (
        <Failed error={calendar.error} retry={calendar.retry} />
      ) : calendar.loading ? (
        <Skeleton shape="table" />
      ) : hours ? (
        <>
          {alone && <DayStrip days={weeks[0]!} day={day} pane={pane} onDay={(d) => go({ day: d })} />}
          <HourGrid
            pane={pane}
            days={days}
            day={day}
            onDay={(d) => go({ day: d })}
            onOpenDay={setOpened}
            label={alone ? longDay(day) : name}
          />
        </>
      ) : mode === 'agenda' || (phone && mode === 'week') ? (
        <Agenda pane={pane} days={days} />
      ) : (
        <DayGrid
          pane={pane}
          weeks={weeks}
          day={day}
          onDay={(d) => go({ day: d })}
          onOpenDay={setOpened}
          label={name}
          tall={mode === 'week'}
        />
      )}
      {drag.held?.by === 'pointer' && (
        <div
          ref={drag.ghost}
          className={`cal-ghost ${drag.held.over && drag.held.item.place ? 'hidden' : ''}`}
          aria-hidden
        >
          {calendar.titleOf(drag.held.item.entry.rec)}
        </div>
      )}
      {opened && (
        <Dialog
          title={longDay(opened)}
          open
          onClose={() => setOpened(undefined)}
          foot={
            pane.add && (
              <Button look="primary" icon="plus" onPress={() => pane.add?.(opened)}>
                {t('common.add')}
              </Button>
            )
          }
        >
          <div className="cal-stack">
            {onDay(calendar.entries, opened).map((e) => (
              <EntryButton key={e.rec.id} pane={pane} entry={e} day={opened} wide />
            ))}
            {onDay(calendar.entries, opened).length === 0 && <p className="soft">{t('calendar.none')}</p>}
          </div>
        </Dialog>
      )}
      {quick.dialog}
      {peek}
    </Page>
  )
}
