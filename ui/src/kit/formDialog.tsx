import { type ReactNode, useId } from 'react'
import { t } from '../i18n/i18n.ts'
import { Button } from './button.tsx'
import { Dialog, type DialogProps } from './dialog.tsx'

interface Props extends Pick<DialogProps, 'title' | 'look' | 'dismissable' | 'onClose' | 'children'> {
  /** What the button that sends it says. */
  action?: string
  busy: boolean
  /** What belongs to no field of the form. */
  error: string | undefined
  onSubmit: () => void
  /** Stands beside the form: further dialogs. */
  after?: ReactNode
}

/** FormDialog is a form in a dialog: Enter sends it, and what no field can show is told above the fields. */
export function FormDialog({ action, busy, error, onSubmit, after, children, ...dialog }: Props) {
  const id = useId()
  return (
    <Dialog
      {...dialog}
      open
      foot={
        <>
          <Button onPress={dialog.onClose}>{t('common.cancel')}</Button>
          <Button look="primary" type="submit" form={id} isDisabled={busy}>
            {action ?? t('common.save')}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="stack"
        onSubmit={(e) => {
          e.preventDefault()
          onSubmit()
        }}
      >
        {error && (
          <p className="note-box danger" role="alert">
            {error}
          </p>
        )}
        {children}
      </form>
      {after}
    </Dialog>
  )
}
