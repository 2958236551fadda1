import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { call } from '../api/client.ts'
import type { Finding } from '../api/problem.ts'
import { verbPath } from '../api/records.ts'
import { t } from '../i18n/i18n.ts'
import { toast, toastProblem } from '../kit/toast.tsx'
import type { EntityMeta } from '../meta/types.ts'

const QuickNew = lazy(() => import('./form/QuickNew.tsx').then((m) => ({ default: m.QuickNew })))
const most = 6 // fields that still make a short form

type Known = Record<string, unknown>

/** missing lists the fields that a new record still needs, by what the server says of it; undefined where that is more
 * than a short form can ask for. */
export function missing(
  entity: EntityMeta,
  known: Known,
  said: Pick<Finding, 'pointer' | 'severity'>[],
): string[] | undefined {
  const needed = new Set<string>()
  const naming = entity.fields.find((f) => f.name === entity.display)
  if (naming?.writable && !(naming.name in known)) needed.add(naming.name)
  for (const d of said) {
    if (d.severity === 'warning') continue
    const [, values, name, more] = d.pointer.split('/')
    const field = entity.fields.find((f) => f.name === name)
    if (values !== 'values' || !field?.writable || field.kind === 'lines' || more !== undefined) return undefined
    needed.add(field.name)
  }
  return needed.size > 0 && needed.size <= most ? [...needed] : undefined
}

export interface QuickAdd {
  /** Makes a record of which something is known: by a short form where that is enough, else by the whole one. */
  add: (known: Known) => void
  full: (known: Known) => void
  dialog: ReactNode
}

/** useQuickAdd makes records without leaving the screen. */
export function useQuickAdd(app: string, entity: EntityMeta, view: string, onMade: () => void): QuickAdd {
  const navigate = useNavigate()
  const [open, setOpen] = useState<{ known: Known; fields: string[] }>()
  const full = (known: Known): void =>
    void navigate({
      to: '/a/$app/new/$entity',
      params: { app, entity: entity.name },
      search: { view, set: Object.keys(known).length ? JSON.stringify(known) : undefined },
    })
  const add = (known: Known): void => {
    call<{ diagnostics?: Finding[] }>('POST', verbPath(app, entity.name, 'evaluate'), { body: { values: known } })
      .then(({ diagnostics }) => {
        const fields = missing(entity, known, diagnostics ?? [])
        if (fields) setOpen({ known, fields })
        else full(known)
      })
      .catch(toastProblem)
  }
  return {
    add,
    full,
    dialog: open && (
      <Suspense>
        <QuickNew
          app={app}
          entity={entity.name}
          text=""
          set={open.known}
          fields={open.fields}
          onFull={() => full(open.known)}
          onClose={() => setOpen(undefined)}
          onMade={(_, card) => {
            setOpen(undefined)
            onMade()
            toast('ok', t('board.added', { card }))
          }}
        />
      </Suspense>
    ),
  }
}
