import { type CalendarDate, parseDate } from '@internationalized/date'
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  Heading,
  I18nProvider,
} from 'react-aria-components'
import { locale, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { today } from './dates.ts'

function dateOf(text: string): CalendarDate | undefined {
  try {
    return parseDate(text)
  } catch {
    return undefined
  }
}

/** Month is a calendar to pick a day from. */
export function Month({
  value,
  label,
  onPick,
}: {
  value: string | undefined
  label: string
  onPick: (day: string) => void
}) {
  const at = value ? dateOf(value) : undefined
  return (
    <I18nProvider locale={locale()}>
      <Calendar
        aria-label={label}
        className="month"
        autoFocus
        defaultValue={at ?? null}
        defaultFocusedValue={at ?? parseDate(today())}
        firstDayOfWeek="mon"
        onChange={(d) => onPick(d.toString())}
      >
        <header className="month-head">
          <Button slot="previous" className="btn btn-icon btn-ghost btn-s">
            <Icon name="left" />
          </Button>
          <Heading className="month-title" />
          <Button slot="next" className="btn btn-icon btn-ghost btn-s">
            <Icon name="right" />
          </Button>
        </header>
        <CalendarGrid weekdayStyle="narrow">
          <CalendarGridHeader>
            {(d) => <CalendarHeaderCell className="month-name">{d}</CalendarHeaderCell>}
          </CalendarGridHeader>
          <CalendarGridBody>{(d) => <CalendarCell date={d} className="month-day" />}</CalendarGridBody>
        </CalendarGrid>
        <Button slot={null} className="btn btn-ghost btn-s" onPress={() => onPick(today())}>
          {t('common.today')}
        </Button>
      </Calendar>
    </I18nProvider>
  )
}
