import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { t } from '../i18n/i18n.ts'
import { IconButton } from './button.tsx'
import type { DialogProps } from './dialog.tsx'

/** DialogFrame is what Dialog shows while it is open. */
export function DialogFrame({ title, onClose, children, foot, look = 'narrow', dismissable = true }: DialogProps) {
  return (
    <ModalOverlay isOpen onOpenChange={(o) => !o && onClose()} isDismissable={dismissable} className="shade">
      <Modal className={`modal modal-${look}`}>
        <AriaDialog className="dialog">
          <header className="dialog-head">
            <Heading slot="title" className="dialog-title">
              {title}
            </Heading>
            <IconButton icon="x" label={t('common.close')} onPress={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
          {foot && <footer className="dialog-foot">{foot}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
