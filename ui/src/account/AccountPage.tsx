import { t } from '../i18n/i18n.ts'
import { Page } from '../kit/page.tsx'
import { PasswordForm } from './PasswordForm.tsx'

/** AccountPage is what a person sets for himself. */
export function AccountPage() {
  return (
    <main id="main" className="main">
      <Page title={t('entry.account')}>
        <PasswordForm />
      </Page>
    </main>
  )
}
