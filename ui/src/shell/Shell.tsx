import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { appsQuery } from '../api/apps.ts'
import { call } from '../api/client.ts'
import { startLive, useLiveState } from '../api/live.ts'
import { forgetAll, meQuery, useMe } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { type Locale, label, languageNames, locale, locales, setLocale, t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Menu } from '../kit/menu.tsx'
import { Avatar } from '../kit/tag.tsx'
import { toastProblem } from '../kit/toast.tsx'
import { setTheme, useTheme } from '../theme/theme.ts'
import { type Command, keyText, listenForKeys, useCommands } from './commands.ts'
import { Follow } from './Follow.tsx'
import './shell.css'

const Palette = lazy(() => import('./Palette.tsx').then((m) => ({ default: m.Palette })))
const Shortcuts = lazy(() => import('./Shortcuts.tsx').then((m) => ({ default: m.Shortcuts })))
const FirstPassword = lazy(() => import('../account/FirstPassword.tsx').then((m) => ({ default: m.FirstPassword })))

async function logout(): Promise<void> {
  await call('DELETE', '/sessions/current').catch(() => {})
  forgetAll()
  location.assign('/login')
}

function speak(l: Locale): void {
  void setLocale(l)
  call('PATCH', '/me', { body: { locale: l } })
    .then(() => queries.invalidateQueries({ queryKey: meQuery.queryKey }))
    .catch(toastProblem)
}

function UserMenu() {
  const me = useMe()
  const navigate = useNavigate()
  const { chosen } = useTheme()
  const themes = [
    ['system', t('common.themeSystem')],
    ['light', t('common.themeLight')],
    ['dark', t('common.themeDark')],
  ] as const
  return (
    <Menu
      label={t('shell.user')}
      button={
        <Button look="ghost" aria-label={`${t('shell.user')}: ${me.name}`} className="bar-user">
          <Avatar name={me.name} />
        </Button>
      }
      groups={[
        {
          id: 'me',
          title: me.name,
          entries: [
            { id: 'account', text: t('entry.account'), icon: 'user', act: () => void navigate({ to: '/account' }) },
          ],
        },
        {
          id: 'language',
          title: t('common.language'),
          entries: locales.map((l) => ({
            id: l,
            text: languageNames[l],
            checked: l === locale(),
            act: () => speak(l),
          })),
        },
        {
          id: 'theme',
          title: t('common.theme'),
          entries: themes.map(([id, text]) => ({ id, text, checked: id === chosen, act: () => setTheme(id) })),
        },
        { id: 'out', entries: [{ id: 'logout', text: t('entry.logout'), icon: 'logout', act: () => void logout() }] },
      ]}
    />
  )
}

function AppSwitch() {
  const { app } = useParams({ strict: false }) as { app?: string }
  const { data } = useQuery(appsQuery)
  const navigate = useNavigate()
  const here = data?.find((a) => a.name === app)
  if (!here) return null
  return (
    <Menu
      label={t('shell.apps')}
      button={
        <Button look="ghost" className="bar-app" aria-label={`${t('shell.apps')}: ${label(here.titles, here.title)}`}>
          <span className="bar-app-name">{label(here.titles, here.title)}</span>
          <Icon name="down" />
        </Button>
      }
      groups={[
        {
          id: 'apps',
          entries: (data ?? []).map((a) => ({
            id: a.name,
            text: label(a.titles, a.title),
            icon: a.icon,
            checked: a.name === app,
            act: () => void navigate({ to: '/a/$app', params: { app: a.name } }),
          })),
        },
      ]}
    />
  )
}

function OfflineBar() {
  return useLiveState() === 'lost' ? (
    <p className="offline" role="status">
      <Icon name="wifi-off" /> {t('states.offlineBar')}
    </p>
  ) : null
}

/** Shell is the frame around every screen of somebody who is signed in. */
export function Shell() {
  const me = useMe()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'palette' | 'keys'>()
  useEffect(startLive, [])
  useEffect(listenForKeys, [])
  useCommands(
    useMemo<Command[]>(
      () => [
        {
          id: 'palette',
          text: t('shell.shortcutPalette'),
          keys: 'mod+k',
          icon: 'search',
          act: () => setOpen('palette'),
        },
        { id: 'keys', text: t('shell.shortcutHelp'), keys: '?', icon: 'keyboard', act: () => setOpen('keys') },
        {
          id: 'home',
          text: t('shell.shortcutHome'),
          keys: 'alt+h',
          icon: 'home',
          act: () => void navigate({ to: '/' }),
        },
      ],
      [navigate],
    ),
  )
  if (me.must_change_password)
    return (
      <Suspense>
        <FirstPassword />
      </Suspense>
    )
  return (
    <div className="shell">
      <a href="#main" className="skip">
        {t('common.skip')}
      </a>
      <header className="bar noprint">
        <Link to="/" className="bar-brand" aria-label={t('shell.home')}>
          <img src="/favicon.svg" alt="" width={26} height={26} />
        </Link>
        <AppSwitch />
        <button type="button" className="bar-search" onClick={() => setOpen('palette')}>
          <Icon name="search" />
          <span className="bar-search-text">{t('shell.search')}</span>
          <kbd>{keyText('mod+k')}</kbd>
        </button>
        <span className="grow" />
        <IconButton icon="keyboard" label={t('shell.shortcuts')} className="bar-keys" onPress={() => setOpen('keys')} />
        <UserMenu />
      </header>
      <OfflineBar />
      <Follow />
      <div className="shell-body">
        <Outlet />
      </div>
      <Suspense>
        {open === 'palette' && <Palette onClose={() => setOpen(undefined)} />}
        {open === 'keys' && <Shortcuts onClose={() => setOpen(undefined)} />}
      </Suspense>
    </div>
  )
}
