import { lazy, Suspense, useRef, useState } from 'react'
import { day, moment } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Pop } from '../../kit/pop.tsx'
import { durationText, momentOf, partsOf, readDay, readDuration, readTime } from './dates.ts'
import type { WidgetProps } from './frame.tsx'
import { Typed } from './typed.tsx'

const Month = lazy(() => import('./Month.tsx').then((m) => ({ default: m.Month })))

/** Picker is the button that opens a calendar. */
function Picker({ p, value, onPick }: { p: WidgetProps; value: string | undefined; onPick: (day: string) => void }) {
  const [open, setOpen] = useState(false)
  const spot = useRef<HTMLSpanElement>(null)
  if (p.readOnly) return null
  return (
    <span ref={spot} className="w-after">
      <IconButton
        icon="calendar"
        size="s"
        label={t('form.pickDate', { field: p.label })}
        onPress={() => setOpen(true)}
        excludeFromTabOrder={p.compact}
      />
      {open && (
        <Pop className="w-month" label={p.label} at={spot} end onClose={() => setOpen(false)}>
          <Suspense fallback={<p className="list-empty">{t('common.loading')}</p>}>
            <Month
              value={value}
              label={p.label}
              onPick={(d) => {
                setOpen(false)
                onPick(d)
              }}
            />
          </Suspense>
        </Pop>
      )}
    </span>
  )
}

/** DateWidget takes a date that is typed (11-26, 1126, today, +7) or picked. */
export function DateWidget(p: WidgetProps) {
  const value = p.value == null ? '' : String(p.value)
  return (
    <Typed
      p={p}
      shown={value && day(value)}
      plain={value}
      read={(s) => readDay(s)}
      wrong={t('form.wrongDate')}
      className="w-date"
      after={<Picker p={p} value={value || undefined} onPick={p.onChange} />}
    />
  )
}

export function TimeWidget(p: WidgetProps) {
  const value = p.value == null ? '' : String(p.value)
  const text = value.endsWith(':00') && value.length === 8 ? value.slice(0, 5) : value
  return <Typed p={p} shown={text} plain={text} read={readTime} wrong={t('form.wrongTime')} />
}

function readMoment(typed: string): unknown {
  const text = typed.trim()
  if (text === '') return null
  const cut = text.search(/[\sT](?=\d{1,2}[:\u70b9\d])(?!.*\s)/)
  const date = readDay(cut < 0 ? text : text.slice(0, cut))
  const time = cut < 0 ? '00:00:00' : readTime(text.slice(cut + 1))
  return date && time ? momentOf(date, time) : undefined
}

/** MomentWidget takes a date with a time, both of this device's zone. */
export function MomentWidget(p: WidgetProps) {
  const value = p.value == null ? '' : String(p.value)
  const parts = value ? partsOf(value) : undefined
  const time = parts?.time.replace(/:00$/, '')
  return (
    <Typed
      p={p}
      shown={value && moment(value)}
      plain={parts ? `${parts.day} ${time}` : value}
      read={readMoment}
      wrong={t('form.wrongMoment')}
      className="w-date"
      after={<Picker p={p} value={parts?.day} onPick={(d) => p.onChange(momentOf(d, parts?.time ?? '00:00:00'))} />}
    />
  )
}

export function DurationWidget(p: WidgetProps) {
  const text = p.value == null ? '' : durationText(String(p.value))
  return <Typed p={p} shown={text} plain={text} read={readDuration} wrong={t('form.wrongDuration')} />
}
