import { type ReactNode, Suspense, useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { Button } from './button.tsx'
import { late } from './late.tsx'

export interface DialogProps {
  title: string
  open: boolean
  onClose: () => void
  children: ReactNode
  /** The row of buttons at the end. */
  foot?: ReactNode
  /** "side" comes from the right (from below on a phone), "wide" and "full" are for tables. */
  look?: 'narrow' | 'wide' | 'full' | 'side'
  /** False where a click outside must not lose what was typed. */
  dismissable?: boolean
}

const Frame = late<DialogProps>(() => import('./dialogFrame.tsx').then((m) => m.DialogFrame))

/** Dialog keeps the focus inside while it is open and gives it back afterwards. */
export function Dialog(p: DialogProps) {
  if (!p.open) return null
  return (
    <Suspense>
      <Frame {...p} />
    </Suspense>
  )
}

/** dialogs is what every dialog needs, to be fetched before the first. */
export const dialogs = Frame

interface Asked {
  title: string
  text?: ReactNode
  action: string
  danger?: boolean
  answer: (yes: boolean) => void
}

/** useConfirm asks before something that can't be undone. Render `asking`, call `ask`. */
export function useConfirm(): { ask: (q: Omit<Asked, 'answer'>) => Promise<boolean>; asking: ReactNode } {
  const [asked, setAsked] = useState<Asked>()
  const answer = (yes: boolean): void => {
    asked?.answer(yes)
    setAsked(undefined)
  }
  return {
    ask: (q) => new Promise((answer) => setAsked({ ...q, answer })),
    asking: asked && (
      <Dialog
        title={asked.title}
        open
        onClose={() => answer(false)}
        foot={
          <>
            <Button onPress={() => answer(false)}>{t('common.cancel')}</Button>
            <Button look={asked.danger ? 'danger' : 'primary'} autoFocus onPress={() => answer(true)}>
              {asked.action}
            </Button>
          </>
        }
      >
        {typeof asked.text === 'string' ? <p>{asked.text}</p> : asked.text}
      </Dialog>
    ),
  }
}
