import { useSyncExternalStore } from 'react'
import { problemOf } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { Button, IconButton } from './button.tsx'
import { Icon } from './icon.tsx'

export interface Toast {
  id: number
  look: 'ok' | 'info' | 'error'
  text: string
  detail?: string
  action?: { text: string; act: () => void }
}

const seconds = { ok: 6, info: 6, error: 12 }
const most = 4
let next = 1
let shown: Toast[] = []
const listeners = new Set<() => void>()

function change(list: Toast[]): void {
  shown = list
  for (const l of listeners) l()
}

function drop(id: number): void {
  change(shown.filter((x) => x.id !== id))
}

/** toast tells something that needs no answer. With an action it offers the way back ("undo"). */
export function toast(look: Toast['look'], text: string, more: Pick<Toast, 'detail' | 'action'> = {}): void {
  const id = next++
  change([...shown, { id, look, text, ...more }].slice(-most))
  setTimeout(() => drop(id), seconds[look] * 1000)
}

/** toastProblem tells what went wrong where no field can show it. */
export function toastProblem(e: unknown): void {
  const p = problemOf(e)
  if (p.offline) {
    toast('error', t('states.offlineTitle'), { detail: t('states.offlineHint') })
    return
  }
  const [first] = p.errors
  const detail = first?.cure ?? (p.status >= 500 ? t('states.request', { id: p.requestID }) : undefined)
  toast('error', first?.message || p.detail || t('states.errorTitle'), { detail })
}

/** Toasts shows them; it is in the shell once. */
export function Toasts() {
  const list = useSyncExternalStore(
    (f) => {
      listeners.add(f)
      return () => listeners.delete(f)
    },
    () => shown,
  )
  return (
    // Above dialogs, and no place outside them: a way back stays open while one is open.
    <div className="toasts noprint" role="status" aria-live="polite" data-react-aria-top-layer="true">
      {list.map((x) => (
        <div key={x.id} className={`toast toast-${x.look}`}>
          <Icon name={x.look === 'error' ? 'alert' : x.look === 'ok' ? 'check' : 'info'} size={18} />
          <div className="toast-text">
            <span>{x.text}</span>
            {x.detail && <span className="soft">{x.detail}</span>}
          </div>
          {x.action && (
            <Button
              size="s"
              look="ghost"
              onPress={() => {
                x.action?.act()
                drop(x.id)
              }}
            >
              {x.action.text}
            </Button>
          )}
          <IconButton size="s" icon="x" label={t('common.close')} onPress={() => drop(x.id)} />
        </div>
      ))}
    </div>
  )
}
