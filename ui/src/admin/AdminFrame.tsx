import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useMe } from '../api/me.ts'
import { Problem } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { Main } from '../kit/page.tsx'
import { Failed } from '../kit/state.tsx'
import './admin.css'

/** AdminFrame is the menu of administration beside the page that is open. Others are told that they may not. */
export function AdminFrame() {
  const me = useMe()
  const nav = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  // On a phone the menu is a row that scrolls: the entry of the page that is open is shown.
  useEffect(() => {
    for (const link of nav.current?.querySelectorAll('a') ?? [])
      if (link.pathname === pathname) link.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname])
  if (!me.admin)
    return (
      <Main>
        <Failed alone error={new Problem(403, {})} />
      </Main>
    )
  const places = [
    ['/admin/users', 'users', t('admin.users')],
    ['/admin/departments', 'tree', t('admin.departments')],
    ['/admin/roles', 'shield', t('admin.roles')],
    ['/admin/tokens', 'key', t('admin.tokens')],
    ['/admin/audit', 'history', t('admin.audit')],
    ['/admin/apps', 'package', t('admin.apps')],
    ['/admin/about', 'info', t('admin.about')],
  ] as const
  return (
    <div className="admin">
      <nav ref={nav} className="admin-nav" aria-label={t('admin.navLabel')}>
        {places.map(([to, icon, text]) => (
          <Link key={to} to={to} className="admin-link">
            <Icon name={icon} /> {text}
          </Link>
        ))}
      </nav>
      <Main>
        <Outlet />
      </Main>
    </div>
  )
}
