import {
  type AnyRouter,
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router'
import { type ReactNode, Suspense, useEffect, useLayoutEffect, useState } from 'react'
import { metaQuery } from '../api/apps.ts'
import { answerWith } from '../api/client.ts'
import { meQuery } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { type Key, t } from '../i18n/i18n.ts'
import { Within } from '../kit/page.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { answers, type Mode, modes } from './answers.ts'
import { app, entity, id, me, meta } from './sample.ts'

type Screen = ReturnType<typeof lazyRouteComponent>
interface Place {
  name: string
  title: Key
  /** The pattern of its address, and one. */
  path: string
  at: string
  screen: Screen
}

const place = (name: string, title: Key, path: string, screen: Screen, at = path): Place => ({
  name,
  title,
  path,
  at: at.replace('$app', app).replace('$entity', entity).replace('$id', id),
  screen,
})
const viewed = (name: string, title: Key, more = ''): Place =>
  place(
    name + more,
    title,
    '/a/$app/v/$view',
    lazyRouteComponent(() => import('../runtime/ViewPage.tsx'), 'ViewPage'),
    `/a/$app/v/${name}${more}`,
  )

const places: Place[] = [
  place(
    'home',
    'shell.home',
    '/',
    lazyRouteComponent(() => import('../home/HomePage.tsx'), 'HomePage'),
  ),
  place(
    'inbox',
    'shell.inbox',
    '/inbox',
    lazyRouteComponent(() => import('../inbox/InboxPage.tsx'), 'InboxPage'),
  ),
  place(
    'gallery',
    'shell.gallery',
    '/gallery',
    lazyRouteComponent(() => import('../gallery/GalleryPage.tsx'), 'GalleryPage'),
  ),
  place(
    'template',
    'dev.screenTemplate',
    '/gallery/$name',
    lazyRouteComponent(() => import('../gallery/TemplatePage.tsx'), 'TemplatePage'),
    '/gallery/sample',
  ),
  place(
    'account',
    'entry.account',
    '/account',
    lazyRouteComponent(() => import('../account/AccountPage.tsx'), 'AccountPage'),
  ),
  viewed('table', 'dev.screenTable'),
  viewed('table', 'dev.screenGroups', '?group=state'),
  viewed('board', 'dev.screenBoard'),
  viewed('calendar', 'dev.screenCalendar'),
  viewed('hours', 'dev.screenHours', '?mode=week'),
  viewed('calendar', 'calendar.agenda', '?mode=agenda'),
  viewed('dashboard', 'dev.screenDashboard'),
  place(
    'record',
    'dev.screenRecord',
    '/a/$app/r/$entity/$id',
    lazyRouteComponent(() => import('../runtime/record/RecordPage.tsx'), 'RecordPage'),
    '/a/$app/r/$entity/$id?view=board',
  ),
  place(
    'new',
    'dev.screenNew',
    '/a/$app/new/$entity',
    lazyRouteComponent(() => import('../runtime/record/NewPage.tsx'), 'NewPage'),
    '/a/$app/new/$entity?view=table',
  ),
  place(
    'print',
    'dev.screenPrint',
    '/a/$app/print/r/$entity/$ids',
    lazyRouteComponent(() => import('../runtime/print/RecordsPrint.tsx'), 'RecordsPrint'),
    `/a/$app/print/r/$entity/${id}`,
  ),
  place(
    'print-list',
    'dev.screenPrintList',
    '/a/$app/print/v/$view',
    lazyRouteComponent(() => import('../runtime/print/ListPrint.tsx'), 'ListPrint'),
    '/a/$app/print/v/table',
  ),
  place(
    'ledgers',
    'books.title',
    '/a/$app/ledgers',
    lazyRouteComponent(() => import('../books/LedgersPage.tsx'), 'LedgersPage'),
  ),
  place(
    'users',
    'admin.users',
    '/admin/users',
    lazyRouteComponent(() => import('../admin/UsersPage.tsx'), 'UsersPage'),
  ),
  place(
    'departments',
    'admin.departments',
    '/admin/departments',
    lazyRouteComponent(() => import('../admin/DepartmentsPage.tsx'), 'DepartmentsPage'),
  ),
  place(
    'roles',
    'admin.roles',
    '/admin/roles',
    lazyRouteComponent(() => import('../admin/RolesPage.tsx'), 'RolesPage'),
  ),
  place(
    'tokens',
    'admin.tokens',
    '/admin/tokens',
    lazyRouteComponent(() => import('../admin/TokensPage.tsx'), 'TokensPage'),
  ),
  place(
    'audit',
    'admin.audit',
    '/admin/audit',
    lazyRouteComponent(() => import('../admin/AuditPage.tsx'), 'AuditPage'),
  ),
  place(
    'apps',
    'admin.apps',
    '/admin/apps',
    lazyRouteComponent(() => import('../admin/AppsPage.tsx'), 'AppsPage'),
  ),
]

const plain = (s: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(s).map(([k, v]) => [k, String(v)]))

/** alone is a router that knows one screen, and stands on it. */
function alone(p: Place): AnyRouter {
  const root = createRootRoute({ component: Outlet, errorComponent: ({ error }) => <Failed alone error={error} /> })
  const page = createRoute({ getParentRoute: () => root, path: p.path, validateSearch: plain, component: p.screen })
  return createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: [p.at] }),
    defaultPendingComponent: () => <Skeleton />,
    parseSearch: (s) => Object.fromEntries(new URLSearchParams(s)),
    stringifySearch: (s) => {
      const text = new URLSearchParams(s as Record<string, string>).toString()
      return text ? `?${text}` : ''
    },
  }) as AnyRouter
}

function Screened({ place: p }: { place: Place }) {
  const [router] = useState(() => alone(p))
  return (
    <div data-screen={p.name}>
      <p className="dev-screen-name">{t(p.title)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className="dev-screen" aria-label={t('dev.shown', { what: t(p.title) })} tabIndex={0}>
        <Within value={true}>
          <Suspense fallback={<Skeleton />}>
            <RouterProvider router={router as never} />
          </Suspense>
        </Within>
      </section>
    </div>
  )
}

/** Pretending has requests of what is within answered by a server in one state. */
function Pretending({ mode, children }: { mode: Mode; children: ReactNode }) {
  const [ready, setReady] = useState(false)
  useLayoutEffect(() => {
    queries.clear()
    queries.setQueryData(meQuery.queryKey, me()) // a screen is shown once this is known
    queries.setQueryData(metaQuery(app).queryKey, meta())
    answerWith(answers(mode))
    setReady(true)
    return () => {
      answerWith()
      queries.clear()
    }
  }, [mode])
  return ready && children
}

/** Screens shows every screen as it is while it waits, without anything, failed, refused and offline. */
export function Screens() {
  const [mode, setMode] = useState<Mode>('loading')
  // Screens name the tab after themselves; this page is none of them.
  useEffect(() => {
    document.title = t('dev.title')
  })
  return (
    <>
      <fieldset className="cal-modes dev-modes" aria-label={t('dev.screens')}>
        {modes.map((m) => (
          <button key={m} type="button" aria-pressed={m === mode} onClick={() => setMode(m)}>
            {t(`dev.mode_${m}`)}
          </button>
        ))}
      </fieldset>
      <Pretending key={mode} mode={mode}>
        <div className="dev-screens">
          {places.map((p) => (
            <Screened key={p.name} place={p} />
          ))}
        </div>
      </Pretending>
    </>
  )
}
