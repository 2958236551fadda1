import { t } from '../i18n/i18n.ts'
import { PasswordForm } from './PasswordForm.tsx'
import './account.css'

/** FirstPassword stands before everything else while the password is one that an administrator set. */
export function FirstPassword() {
  return (
    <main id="main" className="page">
      <div className="card card-pad stack first-password">
        <h1>{t('entry.changeTitle')}</h1>
        <p className="soft">{t('entry.changeHint')}</p>
        <PasswordForm />
      </div>
    </main>
  )
}
