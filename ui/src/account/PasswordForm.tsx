import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/client.ts'
import { meQuery } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { TextField } from '../kit/field.tsx'
import { toast } from '../kit/toast.tsx'

const blank = { current_password: '', password: '', again: '' }

/** PasswordForm changes one's own password. */
export function PasswordForm() {
  const [form, setForm] = useState(blank)
  const [differs, setDiffers] = useState(false)
  const set = (k: keyof typeof blank) => (v: string) => setForm((f) => ({ ...f, [k]: v }))
  const { again, ...body } = form
  const change = useMutation({
    mutationFn: () => call('PATCH', '/me', { body }),
    onSuccess: () => {
      setForm(blank)
      toast('ok', t('entry.changed'))
      void queries.invalidateQueries({ queryKey: meQuery.queryKey })
    },
  })
  const errors = fieldErrors(change.error, ['current_password', 'password'])
  const go = (e: FormEvent): void => {
    e.preventDefault()
    setDiffers(again !== form.password)
    if (again === form.password) change.mutate()
  }
  return (
    <form className="stack narrow" onSubmit={go}>
      {errors[''] && (
        <p className="note-box danger" role="alert">
          {errors['']}
        </p>
      )}
      <TextField
        label={t('entry.currentPassword')}
        type="password"
        autoComplete="current-password"
        isRequired
        value={form.current_password}
        onChange={set('current_password')}
        error={errors.current_password}
      />
      <TextField
        label={t('entry.newPassword')}
        type="password"
        autoComplete="new-password"
        isRequired
        hint={t('entry.passwordHint')}
        value={form.password}
        onChange={set('password')}
        error={errors.password}
      />
      <TextField
        label={t('entry.passwordAgain')}
        type="password"
        autoComplete="new-password"
        isRequired
        value={again}
        onChange={set('again')}
        error={differs ? t('entry.passwordDiffers') : undefined}
      />
      <div>
        <Button type="submit" look="primary" isDisabled={change.isPending}>
          {t('entry.changeDo')}
        </Button>
      </div>
    </form>
  )
}
