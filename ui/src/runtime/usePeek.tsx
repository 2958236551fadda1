import { lazy, type ReactNode, Suspense, useCallback, useState } from 'react'

const RecordPeek = lazy(() => import('./record/RecordPeek.tsx').then((m) => ({ default: m.RecordPeek })))

/** usePeek opens a record beside the screen that shows it. */
export function usePeek(app: string, entity: string): { open: (id: string) => void; peek: ReactNode } {
  const [id, setID] = useState<string>()
  return {
    open: useCallback((one: string) => setID(one), []),
    peek: id && (
      <Suspense>
        <RecordPeek app={app} entity={entity} id={id} onClose={() => setID(undefined)} />
      </Suspense>
    ),
  }
}
