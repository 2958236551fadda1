import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { meQuery, setupQuery } from './api/me.ts'
import { problemOf } from './api/problem.ts'
import { queries } from './api/query.ts'
import { locale, setLocale } from './i18n/i18n.ts'
import { Failed, Skeleton } from './kit/state.tsx'

// The whole sitemap. Screens are loaded when they are first opened; the shell comes with the first of them.

const root = createRootRoute({
  component: Outlet,
  errorComponent: ({ error, reset }) => <Failed alone error={error} retry={reset} />,
  notFoundComponent: lazyRouteComponent(() => import('./shell/Missing.tsx'), 'Missing'),
})

/** Search parameters are texts as they stand in the address; what a screen doesn't know it leaves alone. */
export type Search = Record<string, string | undefined>
const plain = (s: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(s).flatMap(([k, v]) =>
      v === undefined || v === null ? [] : [[k, typeof v === 'string' ? v : JSON.stringify(v)]],
    ),
  )

const entry = <P extends string>(path: P, name: 'Login' | 'Setup' | 'Reset') =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: plain,
    component: lazyRouteComponent(() => import('./entry/pages.tsx'), name),
  })

async function knowWho({ location }: { location: { href: string } }): Promise<void> {
  try {
    const me = await queries.ensureQueryData(meQuery)
    if (me.locale && me.locale !== locale()) await setLocale(me.locale)
  } catch (e) {
    if (problemOf(e).status !== 401) throw e
    const { needed } = await queries.fetchQuery(setupQuery)
    throw needed ? redirect({ to: '/setup' }) : redirect({ to: '/login', search: { to: location.href } })
  }
}

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: knowWho,
  component: lazyRouteComponent(() => import('./shell/Shell.tsx'), 'Shell'),
})

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('./home/HomePage.tsx'), 'HomePage'),
})
const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/AccountPage.tsx'), 'AccountPage'),
})

const inbox = createRoute({
  getParentRoute: () => shell,
  path: '/inbox',
  component: lazyRouteComponent(() => import('./inbox/InboxPage.tsx'), 'InboxPage'),
})
const gallery = createRoute({
  getParentRoute: () => shell,
  path: '/gallery',
  component: lazyRouteComponent(() => import('./gallery/GalleryPage.tsx'), 'GalleryPage'),
})
const template = createRoute({
  getParentRoute: () => shell,
  path: '/gallery/$name',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./gallery/TemplatePage.tsx'), 'TemplatePage'),
})

const admin = createRoute({
  getParentRoute: () => shell,
  path: '/admin',
  component: lazyRouteComponent(() => import('./admin/AdminFrame.tsx'), 'AdminFrame'),
})
const adminHome = createRoute({
  getParentRoute: () => admin,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/admin/users', replace: true })
  },
})
const users = createRoute({
  getParentRoute: () => admin,
  path: '/users',
  component: lazyRouteComponent(() => import('./admin/UsersPage.tsx'), 'UsersPage'),
})
const departments = createRoute({
  getParentRoute: () => admin,
  path: '/departments',
  component: lazyRouteComponent(() => import('./admin/DepartmentsPage.tsx'), 'DepartmentsPage'),
})
const roles = createRoute({
  getParentRoute: () => admin,
  path: '/roles',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./admin/RolesPage.tsx'), 'RolesPage'),
})
const audit = createRoute({
  getParentRoute: () => admin,
  path: '/audit',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./admin/AuditPage.tsx'), 'AuditPage'),
})
const tokens = createRoute({
  getParentRoute: () => admin,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./admin/TokensPage.tsx'), 'TokensPage'),
})
const adminApps = createRoute({
  getParentRoute: () => admin,
  path: '/apps',
  component: lazyRouteComponent(() => import('./admin/AppsPage.tsx'), 'AppsPage'),
})
const about = createRoute({
  getParentRoute: () => admin,
  path: '/about',
  component: lazyRouteComponent(() => import('./admin/AboutPage.tsx'), 'AboutPage'),
})

const dev = createRoute({
  getParentRoute: () => root,
  path: '/dev/states',
  component: lazyRouteComponent(() => import('./dev/StatesPage.tsx'), 'StatesPage'),
})

const app = createRoute({
  getParentRoute: () => shell,
  path: '/a/$app',
  component: lazyRouteComponent(() => import('./shell/AppFrame.tsx'), 'AppFrame'),
})
const appHome = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('./shell/AppHome.tsx'), 'AppHome'),
})
const view = createRoute({
  getParentRoute: () => app,
  path: '/v/$view',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./runtime/ViewPage.tsx'), 'ViewPage'),
})
const record = createRoute({
  getParentRoute: () => app,
  path: '/r/$entity/$id',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./runtime/record/RecordPage.tsx'), 'RecordPage'),
})
const create = createRoute({
  getParentRoute: () => app,
  path: '/new/$entity',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./runtime/record/NewPage.tsx'), 'NewPage'),
})

const printRecords = createRoute({
  getParentRoute: () => app,
  path: '/print/r/$entity/$ids',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./runtime/print/RecordsPrint.tsx'), 'RecordsPrint'),
})
const printList = createRoute({
  getParentRoute: () => app,
  path: '/print/v/$view',
  validateSearch: plain,
  component: lazyRouteComponent(() => import('./runtime/print/ListPrint.tsx'), 'ListPrint'),
})

const books = createRoute({
  getParentRoute: () => app,
  path: '/ledgers',
  component: lazyRouteComponent(() => import('./books/LedgersPage.tsx'), 'LedgersPage'),
})

const tree = root.addChildren([
  entry('/login', 'Login'),
  entry('/setup', 'Setup'),
  entry('/reset', 'Reset'),
  dev,
  shell.addChildren([
    home,
    account,
    inbox,
    gallery,
    template,
    admin.addChildren([adminHome, users, departments, roles, tokens, audit, adminApps, about]),
    app.addChildren([appHome, view, record, create, printRecords, printList, books]),
  ]),
])

const flat = (s: Record<string, unknown>): string => {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(s)) if (v !== undefined && v !== '') q.set(k, String(v))
  const text = q.toString()
  return text ? `?${text}` : ''
}

export const router = createRouter({
  routeTree: tree,
  defaultPendingComponent: () => <Skeleton />,
  defaultPendingMs: 250,
  defaultPreload: 'intent',
  scrollRestoration: true,
  parseSearch: (s) => Object.fromEntries(new URLSearchParams(s)),
  stringifySearch: flat,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
