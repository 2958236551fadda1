import { type FormEvent, useState } from 'react'
import { queries } from '../../api/query.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/check.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { fieldErrors } from '../../kit/errors.ts'
import { TextField } from '../../kit/field.tsx'
import { toast } from '../../kit/toast.tsx'
import type { ViewMeta } from '../../meta/types.ts'
import { createSaved } from './saved.ts'
import type { TableState } from './state.ts'

interface Props {
  app: string
  view: ViewMeta
  state: TableState
  change: (s: Partial<TableState>) => void
  onClose: () => void
}

/** SaveView gives the present way of looking at a table a name. */
export function SaveView({ app, view, state, change, onClose }: Props) {
  const [title, setTitle] = useState('')
  const [shared, setShared] = useState(false)
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const submit = (e?: FormEvent): void => {
    e?.preventDefault()
    setBusy(true)
    createSaved(app, view, title, shared, state)
      .then(async (made) => {
        await queries.invalidateQueries({ queryKey: ['saved', app, view.name] })
        toast('ok', t('table.viewSaved'))
        change({ saved: made.id })
        onClose()
      })
      .catch(setError)
      .finally(() => setBusy(false))
  }
  const errors = fieldErrors(error, ['title'])
  return (
    <Dialog
      title={t('table.saveView')}
      open
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" isDisabled={busy || !title.trim()} onPress={() => submit()}>
            {t('common.save')}
          </Button>
        </>
      }
    >
      <form className="stack" onSubmit={submit}>
        <TextField
          label={t('table.viewName')}
          value={title}
          onChange={setTitle}
          autoFocus
          isRequired
          maxLength={100}
          error={errors.title}
        />
        <Checkbox isSelected={shared} onChange={setShared}>
          {t('table.viewShared')}
        </Checkbox>
        {errors[''] && (
          <p className="note-box danger" role="alert">
            {errors['']}
          </p>
        )}
      </form>
    </Dialog>
  )
}
