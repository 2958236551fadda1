import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { type Me, meQuery, useMe } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { isLocale, languageNames, locale, locales, setLocale, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { Select, TextField } from '../kit/field.tsx'
import { toast } from '../kit/toast.tsx'
import { setTheme, type Theme, useTheme } from '../theme/theme.ts'

/** Profile is the person's name and how the interface speaks and looks. */
export function Profile() {
  const me = useMe()
  const [name, setName] = useState(me.name)
  const { chosen } = useTheme()
  const save = useMutation({
    mutationFn: (body: { name?: string; locale?: string }) => call<Me>('PATCH', '/me', { body }),
    onSuccess: async (now) => {
      queries.setQueryData(meQuery.queryKey, now)
      if (now.locale !== locale()) await setLocale(now.locale)
      toast('ok', t('entry.profileSaved'))
    },
  })
  const errors = fieldErrors(save.error, ['name'])
  return (
    <form
      className="stack"
      onSubmit={(e) => {
        e.preventDefault()
        save.mutate({ name })
      }}
    >
      {errors[''] && (
        <p className="note-box danger" role="alert">
          {errors['']}
        </p>
      )}
      <TextField label={t('entry.yourName')} isRequired value={name} onChange={setName} error={errors.name} />
      <TextField label={t('entry.email')} value={me.email} isReadOnly />
      <div>
        <Button type="submit" look="primary" isDisabled={save.isPending || name.trim() === me.name || !name.trim()}>
          {t('common.save')}
        </Button>
      </div>
      <Select
        label={t('common.language')}
        hint={t('entry.languageHint')}
        choices={locales.map((l) => ({ id: l, text: languageNames[l] }))}
        value={locale()}
        onChange={(l) => isLocale(l) && save.mutate({ locale: l })}
      />
      <Select
        label={t('common.theme')}
        hint={t('entry.themeHint')}
        choices={[
          { id: 'system', text: t('common.themeSystem') },
          { id: 'light', text: t('common.themeLight') },
          { id: 'dark', text: t('common.themeDark') },
        ]}
        value={chosen}
        onChange={(id) => setTheme(id as Theme)}
      />
    </form>
  )
}
