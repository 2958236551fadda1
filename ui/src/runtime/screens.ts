import { type ComponentType, lazy } from 'react'
import type { ViewMeta, ViewType } from '../meta/types.ts'

/** What every screen of a view is given. */
export interface ScreenProps {
  app: string
  view: ViewMeta
}

/** screens draw the types of views. A form is opened by its records and has no screen of its own here. */
export const screens: Partial<Record<ViewType, ComponentType<ScreenProps>>> = {
  board: lazy(() => import('./board/BoardScreen.tsx').then((m) => ({ default: m.BoardScreen }))),
  calendar: lazy(() => import('./calendar/CalendarScreen.tsx').then((m) => ({ default: m.CalendarScreen }))),
  dashboard: lazy(() => import('./dashboard/DashboardScreen.tsx').then((m) => ({ default: m.DashboardScreen }))),
  table: lazy(() => import('./table/TableScreen.tsx').then((m) => ({ default: m.TableScreen }))),
}
