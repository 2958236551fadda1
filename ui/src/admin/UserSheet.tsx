import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type Department, resetCode, saveUser, setActive, type User, type UserForm } from '../api/admin.ts'
import { useMe } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { moment } from '../i18n/format.ts'
import { isLocale, languageNames, locale, locales, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Checkbox } from '../kit/check.tsx'
import { Dialog, useConfirm } from '../kit/dialog.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { Select, TextField } from '../kit/field.tsx'
import { FormDialog } from '../kit/formDialog.tsx'
import { Secret } from '../kit/secret.tsx'
import { toast, toastProblem } from '../kit/toast.tsx'
import { Attributes } from './Attributes.tsx'
import { inOrder } from './tree.ts'
import { UserRoles } from './UserRoles.tsx'

const fresh = (): UserForm => ({
  name: '',
  email: '',
  locale: locale(),
  admin: false,
  builder: false,
  reviewer: false,
  departments: [],
  attributes: {},
})

const formOf = (u: User): UserForm => ({
  name: u.name,
  email: u.email,
  locale: u.locale,
  admin: u.admin,
  builder: u.builder,
  reviewer: u.reviewer,
  departments: u.departments,
  attributes: u.attributes,
})

/** Code shows the code by which somebody chooses a password, once. */
function Code({ name, code, until, onClose }: { name: string; code: string; until?: string; onClose: () => void }) {
  return (
    <Dialog
      title={t('admin.codeTitle')}
      open
      dismissable={false}
      onClose={onClose}
      foot={
        <Button look="primary" onPress={onClose}>
          {t('common.done')}
        </Button>
      }
    >
      <div className="stack">
        <p>{t('admin.codeHint', { name })}</p>
        <Secret text={code} label={t('admin.codeTitle')} />
        {until && <p className="soft">{t('admin.codeExpires', { at: moment(until) })}</p>}
      </div>
    </Dialog>
  )
}

function Fields({
  form,
  set,
  departments,
  errors,
}: {
  form: UserForm
  set: (change: Partial<UserForm>) => void
  departments: Department[]
  errors: Record<string, string>
}) {
  const flags = [
    ['admin', t('admin.flagAdmin'), t('admin.flagAdminHint')],
    ['builder', t('admin.flagBuilder'), t('admin.flagBuilderHint')],
    ['reviewer', t('admin.flagReviewer'), t('admin.flagReviewerHint')],
  ] as const
  const belongs = (id: string, on: boolean): string[] =>
    on ? [...form.departments, id] : form.departments.filter((d) => d !== id)
  return (
    <>
      <TextField
        label={t('admin.person')}
        isRequired
        autoFocus
        value={form.name}
        onChange={(name) => set({ name })}
        error={errors.name}
      />
      <TextField
        label={t('admin.email')}
        type="email"
        isRequired
        autoComplete="off"
        value={form.email}
        onChange={(email) => set({ email })}
        error={errors.email}
      />
      <Select
        label={t('common.language')}
        choices={locales.map((l) => ({ id: l, text: languageNames[l] }))}
        value={form.locale}
        onChange={(l) => isLocale(l) && set({ locale: l })}
      />
      <fieldset className="admin-set">
        <legend>{t('admin.flags')}</legend>
        {flags.map(([id, text, hint]) => (
          <Checkbox key={id} isSelected={form[id]} onChange={(on) => set({ [id]: on })}>
            <span>
              {text} <span className="soft admin-small">{hint}</span>
            </span>
          </Checkbox>
        ))}
      </fieldset>
      {departments.length > 0 && (
        <fieldset className="admin-set">
          <legend>{t('admin.department')}</legend>
          {inOrder(departments).map(({ department: d, depth }) => (
            <div key={d.id} style={{ marginLeft: depth * 20 }}>
              <Checkbox
                isSelected={form.departments.includes(d.id)}
                onChange={(on) => set({ departments: belongs(d.id, on) })}
              >
                {d.name}
              </Checkbox>
            </div>
          ))}
        </fieldset>
      )}
      <Attributes value={form.attributes} onChange={(attributes) => set({ attributes })} error={errors.attributes} />
    </>
  )
}

/** UserSheet makes or changes an account. */
export function UserSheet({
  user: u,
  departments,
  onMade,
  onClose,
}: {
  user: User | undefined
  departments: Department[]
  onMade: (id: string) => void
  onClose: () => void
}) {
  const me = useMe()
  const [form, setForm] = useState<UserForm>(u ? formOf(u) : fresh())
  const [code, setCode] = useState<{ name: string; code: string; until?: string; after: () => void }>()
  const { ask, asking } = useConfirm()
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: ['users'] })
  const save = useMutation({
    mutationFn: () => saveUser(u?.id, form),
    onSuccess: async (saved) => {
      await again()
      toast('ok', t(u ? 'admin.userSaved' : 'admin.userMade'))
      if (saved.reset_code) setCode({ name: saved.name, code: saved.reset_code, after: () => onMade(saved.id) })
      else onClose()
    },
  })
  const toggle = useMutation({
    mutationFn: (on: boolean) => setActive(u!.id, on),
    onSuccess: async (now) => {
      await again()
      toast('ok', t(now.active ? 'admin.activated' : 'admin.deactivated', { name: now.name }))
    },
    onError: toastProblem,
  })
  const reset = useMutation({
    mutationFn: () => resetCode(u!.id),
    onSuccess: (r) =>
      setCode({ name: u!.name, code: r.reset_code, until: r.expires_at, after: () => setCode(undefined) }),
    onError: toastProblem,
  })
  const errors = fieldErrors(save.error, ['name', 'email', 'attributes'])
  const deactivate = async (): Promise<void> => {
    const [title, text] = [t('admin.deactivateAsk', { name: u!.name }), t('admin.deactivateHint')]
    if (await ask({ title, text, action: t('admin.deactivate'), danger: true })) toggle.mutate(false)
  }
  const newCode = async (): Promise<void> => {
    const [title, text] = [t('admin.resetAsk', { name: u!.name }), t('admin.resetHint')]
    if (await ask({ title, text, action: t('admin.resetMake') })) reset.mutate()
  }
  if (code) return <Code {...code} onClose={code.after} />
  return (
    <FormDialog
      title={t(u ? 'admin.userEdit' : 'admin.userNew')}
      look="side"
      dismissable={false}
      busy={save.isPending}
      error={errors['']}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      after={asking}
    >
      <Fields form={form} set={(c) => setForm((f) => ({ ...f, ...c }))} departments={departments} errors={errors} />
      {u ? <UserRoles user={u} /> : <p className="soft">{t('admin.rolesAfter')}</p>}
      {u && (
        <div className="admin-actions">
          <Button icon="key" onPress={() => void newCode()}>
            {t('admin.resetMake')}
          </Button>
          {u.id !== me.id &&
            (u.active ? (
              <Button look="danger" onPress={() => void deactivate()}>
                {t('admin.deactivate')}
              </Button>
            ) : (
              <Button onPress={() => toggle.mutate(true)}>{t('admin.activate')}</Button>
            ))}
        </div>
      )}
    </FormDialog>
  )
}
