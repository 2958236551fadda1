import { lazy, type ReactNode, Suspense, useCallback, useState } from 'react'

const RecordPeek = lazy(() => import('./record/RecordPeek.tsx').then((m) => ({ default: m.RecordPeek })))

/** usePeek opens a record beside the screen that shows it. */
export function usePeek(app: string, entity: string): { open: (id: string, of?: string) => void; peek: ReactNode } {
  const [at, setAt] = useState<{ id: string; of?: string }>()
  return {
    open: useCallback((id: string, of?: string) => setAt({ id, of }), []),
    peek: at && (
      <Suspense>
        <RecordPeek app={app} entity={at.of ?? entity} id={at.id} onClose={() => setAt(undefined)} />
      </Suspense>
    ),
  }
}
