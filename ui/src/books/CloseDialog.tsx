import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { closeLedger, type Ledger, lockLedger } from '../api/books.ts'
import { day, formatDay } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { fieldErrors } from '../kit/errors.ts'
import { Select } from '../kit/field.tsx'
import { FormDialog } from '../kit/formDialog.tsx'
import { toast } from '../kit/toast.tsx'
import type { AppMeta, FieldMeta } from '../meta/types.ts'
import { DateWidget } from '../runtime/form/moments.tsx'
import { lastDay, monthsBefore, todayIn } from './months.ts'

const far = 24 // months that are offered

/** CloseDialog closes a ledger: through the end of a month, whose costs it has worked out, or through a day. */
export function CloseDialog({ meta, ledger, onClose }: { meta: AppMeta; ledger: Ledger; onClose: () => void }) {
  const was = ledger.closed_through
  const months = monthsBefore(todayIn(meta.timezone), far).filter((m) => !was || lastDay(m) > was)
  const [way, setWay] = useState(months.length ? 'month' : 'day')
  const [month, setMonth] = useState(months[0] ?? '')
  const [picked, setPicked] = useState<string | null>(null)
  const [missing, setMissing] = useState(false)
  const title = label(ledger.title)
  const through = way === 'month' ? month && lastDay(month) : picked
  const earlier = !!was && !!through && through < was
  const act = useMutation({
    mutationFn: (to: string) => (way === 'month' ? closeLedger : lockLedger)(meta.app, ledger.name, to),
    onSuccess: (_, to) => {
      toast('ok', t('books.closed', { ledger: title, day: day(to) }))
      onClose()
    },
  })
  const field: FieldMeta = { name: 'through', title: t('books.day'), kind: 'date', writable: true }
  return (
    <FormDialog
      title={t('books.closeTitle', { ledger: title })}
      action={through ? t('books.closeTo', { day: day(through) }) : t('books.closeSome')}
      busy={act.isPending || earlier}
      error={fieldErrors(act.error, [])['']}
      onClose={onClose}
      onSubmit={() => (through ? !earlier && act.mutate(through) : setMissing(true))}
    >
      {months.length > 0 && (
        <Select
          label={t('books.way')}
          value={way}
          onChange={setWay}
          choices={[
            { id: 'month', text: t('books.wayMonth') },
            { id: 'day', text: t('books.wayDay') },
          ]}
        />
      )}
      {way === 'month' ? (
        <Select
          label={t('books.month')}
          value={month}
          onChange={setMonth}
          choices={months.map((m) => ({ id: m, text: formatDay(`${m}-01`, { year: 'numeric', month: 'long' }) }))}
        />
      ) : (
        <DateWidget
          app={meta.app}
          entity=""
          field={field}
          label={t('books.day')}
          value={picked}
          required
          error={missing && !picked ? t('books.needDay') : undefined}
          onChange={(v) => setPicked(v as string | null)}
        />
      )}
      {through && (
        <p className={`note-box ${earlier ? 'danger' : 'warn'}`} role="status">
          <span>
            {earlier
              ? t('books.closeEarlier', { day: day(through), was: day(was) })
              : t(way === 'month' ? 'books.closeMonthMeans' : 'books.closeDayMeans', { day: day(through) })}
          </span>
        </p>
      )}
      <p className="soft">{t('books.closeBack')}</p>
    </FormDialog>
  )
}
