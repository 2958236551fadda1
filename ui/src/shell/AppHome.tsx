import { Navigate, useLocation, useParams } from '@tanstack/react-router'
import { useMeta } from '../api/apps.ts'
import { t } from '../i18n/i18n.ts'
import { Empty } from '../kit/state.tsx'
import { firstView } from '../meta/find.ts'

/** AppHome leads to the view that an app opens with, but for who has gone on to another place meanwhile. */
export function AppHome() {
  const { app } = useParams({ strict: false }) as { app: string }
  const view = firstView(useMeta(app))
  const asked = useLocation({ select: (l) => l.pathname })
  if (asked.replace(/\/$/, '') !== `/a/${app}`) return null
  if (!view) return <Empty alone title={t('shell.noMenu')} icon="lock" />
  return <Navigate to="/a/$app/v/$view" params={{ app, view }} search={{}} replace />
}
