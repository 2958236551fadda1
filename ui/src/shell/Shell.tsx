import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { appsQuery } from '../api/apps.ts'
import { startLive, useLiveState } from '../api/live.ts'
import { useMe } from '../api/me.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Menu } from '../kit/menu.tsx'
import { Bell } from './Bell.tsx'
import { type Command, keyText, listenForKeys, useCommands } from './commands.ts'
import { keepFilesOut } from './drops.ts'
import { Follow } from './Follow.tsx'
import { Remember } from './Remember.tsx'
import { UserMenu } from './UserMenu.tsx'
import './shell.css'

const Palette = lazy(() => import('./Palette.tsx').then((m) => ({ default: m.Palette })))
const Shortcuts = lazy(() => import('./Shortcuts.tsx').then((m) => ({ default: m.Shortcuts })))
const FirstPassword = lazy(() => import('../account/FirstPassword.tsx').then((m) => ({ default: m.FirstPassword })))

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

/** The ways between the pages that belong to no app. On a phone they are in the person's menu. */
function Ways() {
  const me = useMe()
  const { app } = useParams({ strict: false }) as { app?: string }
  if (app) return null
  return (
    <nav className="bar-ways" aria-label={t('shell.places')}>
      <Link to="/" activeOptions={{ exact: true }} className="bar-way">
        {t('shell.home')}
      </Link>
      <Link to="/gallery" className="bar-way">
        {t('shell.gallery')}
      </Link>
      {me.admin && (
        <Link to="/admin" className="bar-way">
          {t('shell.admin')}
        </Link>
      )}
    </nav>
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
  const settled = !me.must_change_password // before that the server tells nothing
  useEffect(() => (settled ? startLive() : undefined), [settled])
  useEffect(listenForKeys, [])
  useEffect(keepFilesOut, [])
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
        {
          id: 'inbox',
          text: t('shell.shortcutInbox'),
          keys: 'alt+m',
          icon: 'bell',
          act: () => void navigate({ to: '/inbox' }),
        },
      ],
      [navigate],
    ),
  )
  if (!settled)
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
        <Ways />
        <button type="button" className="bar-search" onClick={() => setOpen('palette')}>
          <Icon name="search" />
          <span className="bar-search-text">{t('shell.search')}</span>
          <kbd>{keyText('mod+k')}</kbd>
        </button>
        <span className="grow" />
        <IconButton icon="keyboard" label={t('shell.shortcuts')} className="bar-keys" onPress={() => setOpen('keys')} />
        <Bell />
        <UserMenu onHelp={() => setOpen('keys')} />
      </header>
      <OfflineBar />
      <Follow />
      <Remember />
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
