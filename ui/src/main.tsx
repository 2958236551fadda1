import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { whenSignedOut } from './api/client.ts'
import { forgetAll } from './api/me.ts'
import { queries } from './api/query.ts'
import { preferred, setLocale, useLocale } from './i18n/i18n.ts'
import { isEarly } from './kit/late.tsx'
import { Tips } from './kit/tip.tsx'
import { Toasts } from './kit/toast.tsx'
import { router } from './routes.tsx'
import './theme/tokens.css'
import './theme/base.css'
import './kit/kit.css'
import { applyTheme } from './theme/theme.ts'

function Root() {
  const locale = useLocale()
  return (
    <QueryClientProvider client={queries} key={locale}>
      <RouterProvider router={router} />
      <Toasts />
      <Tips />
    </QueryClientProvider>
  )
}

// A page that was opened before an update asks for files that are gone. It loads itself anew, once; but never where the
// server can't be reached, since that would lose the page with all that is typed into it.
window.addEventListener('vite:preloadError', () => {
  const here = document.location.href
  if (isEarly() || sessionStorage.getItem('tenon.reloaded') === here) return
  void fetch('/healthz').then(
    (r) => {
      if (!r.ok) return
      sessionStorage.setItem('tenon.reloaded', here)
      location.reload()
    },
    () => {},
  )
})

whenSignedOut(() => {
  if (['/login', '/setup', '/reset'].includes(location.pathname)) return
  forgetAll()
  void router.navigate({ to: '/login', search: { to: location.pathname + location.search } as never })
})

applyTheme()
void setLocale(preferred()).then(() => {
  const root = document.getElementById('root')
  if (root) createRoot(root).render(<Root />)
})
