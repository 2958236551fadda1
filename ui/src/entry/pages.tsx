import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import { call } from '../api/client.ts'
import { forgetAll, setupQuery } from '../api/me.ts'
import { languageNames, locale, locales, setLocale, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { TextField } from '../kit/field.tsx'
import { useTitle } from '../kit/page.tsx'
import { toast } from '../kit/toast.tsx'
import './entry.css'

function Frame({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  useTitle(title)
  return (
    <main className="entry">
      <div className="entry-card card">
        <p className="entry-brand">
          <img src="/favicon.svg" alt="" width={28} height={28} /> {t('common.product')}
        </p>
        <h1>{title}</h1>
        {hint && <p className="soft">{hint}</p>}
        {children}
      </div>
      <p className="entry-langs">
        {locales.map((l) => (
          <Button key={l} look="ghost" size="s" aria-pressed={l === locale()} onPress={() => void setLocale(l)}>
            {languageNames[l]}
          </Button>
        ))}
      </p>
    </main>
  )
}

function Alert({ text }: { text: string | undefined }) {
  return text ? (
    <p className="note-box danger" role="alert">
      {text}
    </p>
  ) : null
}

function useEntry(send: () => Promise<unknown>) {
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { to?: string }
  return useMutation({
    mutationFn: send,
    onSuccess: () => {
      forgetAll()
      // Only addresses of this site: what begins with // would lead elsewhere.
      const to = search.to && /^\/(?![/\\])/.test(search.to) ? search.to : '/'
      void navigate({ href: to, replace: true })
    },
  })
}

function submit(f: () => void) {
  return (e: FormEvent) => {
    e.preventDefault()
    f()
  }
}

/** Login is for people who have an account. */
export function Login() {
  const known = (useSearch({ strict: false }) as { email?: string }).email ?? ''
  const [email, setEmail] = useState(known)
  const [password, setPassword] = useState('')
  const navigate = useNavigate()
  const { data } = useQuery(setupQuery)
  const enter = useEntry(() => call('POST', '/sessions', { body: { email, password } }))
  const errors = fieldErrors(enter.error, ['email', 'password'])
  if (data?.needed) void navigate({ to: '/setup', replace: true })
  return (
    <Frame title={t('entry.loginTitle')}>
      <form className="stack" onSubmit={submit(() => enter.mutate())}>
        <Alert text={errors['']} />
        <TextField
          label={t('entry.email')}
          type="email"
          autoComplete="username"
          autoFocus={!known}
          isRequired
          value={email}
          onChange={setEmail}
          error={errors.email}
        />
        <TextField
          label={t('entry.password')}
          type="password"
          autoComplete="current-password"
          autoFocus={!!known}
          isRequired
          value={password}
          onChange={setPassword}
          error={errors.password}
        />
        <Button type="submit" look="primary" size="l" isDisabled={enter.isPending}>
          {t('entry.loginDo')}
        </Button>
        <p className="soft">
          {t('entry.forgot')} <Link to="/reset">{t('entry.haveResetCode')}</Link>
        </p>
      </form>
    </Frame>
  )
}

/** Setup makes the workspace and its first administrator, with the one-time token. */
export function Setup() {
  const [form, setForm] = useState({ token: '', workspace: '', name: '', email: '', password: '', again: '' })
  const [differs, setDiffers] = useState(false)
  const set = (k: keyof typeof form) => (v: string) => setForm((f) => ({ ...f, [k]: v }))
  const { again, ...body } = form
  const enter = useEntry(() => call('POST', '/setup', { body: { ...body, locale: locale() } }))
  const errors = fieldErrors(enter.error, Object.keys(form))
  const go = (): void => {
    setDiffers(again !== form.password)
    if (again === form.password) enter.mutate()
  }
  return (
    <Frame title={t('entry.setupTitle')} hint={t('entry.setupHint')}>
      <form className="stack" onSubmit={submit(go)}>
        <Alert text={errors['']} />
        <TextField
          label={t('entry.setupToken')}
          autoFocus
          isRequired
          autoComplete="off"
          value={form.token}
          onChange={set('token')}
          error={errors.token}
        />
        <TextField
          label={t('entry.workspace')}
          isRequired
          autoComplete="organization"
          value={form.workspace}
          onChange={set('workspace')}
          error={errors.workspace}
        />
        <TextField
          label={t('entry.yourName')}
          isRequired
          autoComplete="name"
          value={form.name}
          onChange={set('name')}
          error={errors.name}
        />
        <TextField
          label={t('entry.email')}
          type="email"
          isRequired
          autoComplete="username"
          value={form.email}
          onChange={set('email')}
          error={errors.email}
        />
        <TextField
          label={t('entry.password')}
          type="password"
          isRequired
          autoComplete="new-password"
          hint={t('entry.passwordHint')}
          value={form.password}
          onChange={set('password')}
          error={errors.password}
        />
        <TextField
          label={t('entry.passwordAgain')}
          type="password"
          isRequired
          autoComplete="new-password"
          value={again}
          onChange={set('again')}
          error={differs ? t('entry.passwordDiffers') : undefined}
        />
        <Button type="submit" look="primary" size="l" isDisabled={enter.isPending}>
          {t('entry.setupDo')}
        </Button>
      </form>
    </Frame>
  )
}

/** Reset sets a new password with the code that an administrator made. */
export function Reset() {
  const [email, setEmail] = useState('')
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const navigate = useNavigate()
  const enter = useMutation({
    mutationFn: () => call('POST', '/password-resets', { body: { email, code, password } }),
    onSuccess: () => {
      toast('ok', t('entry.resetDone'))
      void navigate({ to: '/login', search: { email }, replace: true })
    },
  })
  const errors = fieldErrors(enter.error, ['email', 'code', 'password'])
  return (
    <Frame title={t('entry.resetTitle')} hint={t('entry.resetHint')}>
      <form className="stack" onSubmit={submit(() => enter.mutate())}>
        <Alert text={errors['']} />
        <TextField
          label={t('entry.email')}
          type="email"
          autoComplete="username"
          autoFocus
          isRequired
          value={email}
          onChange={setEmail}
          error={errors.email}
        />
        <TextField
          label={t('entry.resetCode')}
          isRequired
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          error={errors.code}
        />
        <TextField
          label={t('entry.newPassword')}
          type="password"
          isRequired
          autoComplete="new-password"
          hint={t('entry.passwordHint')}
          value={password}
          onChange={setPassword}
          error={errors.password}
        />
        <Button type="submit" look="primary" size="l" isDisabled={enter.isPending}>
          {t('entry.resetDo')}
        </Button>
        <p>
          <Link to="/login">{t('entry.backToLogin')}</Link>
        </p>
      </form>
    </Frame>
  )
}
