import { useBlocker } from '@tanstack/react-router'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import type { FormStore } from '../form/store.ts'

/** Leave asks before a form with unsaved changes is left. The draft stays either way. */
export function Leave({ store }: { store: FormStore }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => store.dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => store.dirty,
    withResolver: true,
  })
  if (status !== 'blocked') return null
  return (
    <Dialog
      title={t('record.leaveTitle')}
      open
      onClose={() => reset?.()}
      foot={
        <>
          <Button onPress={() => proceed?.()}>{t('common.leave')}</Button>
          <Button look="primary" autoFocus onPress={() => reset?.()}>
            {t('common.stay')}
          </Button>
        </>
      }
    >
      <p>{t('record.leaveText')}</p>
    </Dialog>
  )
}
