import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type Ledger, lockLedger } from '../api/books.ts'
import { day } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { fieldErrors } from '../kit/errors.ts'
import { Select } from '../kit/field.tsx'
import { FormDialog } from '../kit/formDialog.tsx'
import { toast } from '../kit/toast.tsx'
import { lastDay, monthsBefore } from './months.ts'

const far = 24 // months that are offered
const all = 'all'

interface Props {
  app: string
  ledger: Ledger
  /** Through which day it is closed now. */
  through: string
  onClose: () => void
}

/** ReopenDialog opens what lies after the end of an earlier month, or everything. */
export function ReopenDialog({ app, ledger, through, onClose }: Props) {
  const ends = monthsBefore(through, far).map(lastDay)
  const [to, setTo] = useState(ends[0] ?? all)
  const title = label(ledger.title)
  const act = useMutation({
    mutationFn: () => lockLedger(app, ledger.name, to === all ? null : to),
    onSuccess: () => {
      const said = to === all ? t('books.reopenedAll', { ledger: title }) : ''
      toast('ok', said || t('books.reopened', { ledger: title, day: day(to) }))
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('books.reopenTitle', { ledger: title })}
      action={t('books.reopen')}
      busy={act.isPending}
      error={fieldErrors(act.error, [])['']}
      onClose={onClose}
      onSubmit={() => act.mutate()}
    >
      <Select
        label={t('books.reopenTo')}
        value={to}
        onChange={setTo}
        choices={[...ends.map((d) => ({ id: d, text: day(d) })), { id: all, text: t('books.reopenAll') }]}
      />
      <p className="note-box warn" role="status">
        <span>{to === all ? t('books.reopenAllMeans') : t('books.reopenMeans', { day: day(to) })}</span>
      </p>
      <p className="soft">{t('books.closeBack')}</p>
    </FormDialog>
  )
}
