import type { ReactNode } from 'react'
import { t } from '../i18n/i18n.ts'
import { Main, Page } from '../kit/page.tsx'
import { PasswordForm } from './PasswordForm.tsx'
import { Profile } from './Profile.tsx'
import { Sessions } from './Sessions.tsx'
import { Tokens } from './Tokens.tsx'
import './account.css'

function Part({ id, title, hint, children }: { id: string; title: string; hint?: string; children: ReactNode }) {
  return (
    <section className="card account-part" aria-labelledby={`account-${id}`}>
      <header>
        <h2 id={`account-${id}`}>{title}</h2>
        {hint && <p className="soft">{hint}</p>}
      </header>
      <div className="account-body">{children}</div>
    </section>
  )
}

/** AccountPage is what a person sets for himself. */
export function AccountPage() {
  return (
    <Main>
      <Page title={t('entry.account')}>
        <div className="account">
          <Part id="profile" title={t('entry.profile')}>
            <Profile />
          </Part>
          <Part id="password" title={t('entry.security')}>
            <PasswordForm />
          </Part>
          <Part id="sessions" title={t('entry.sessions')} hint={t('entry.sessionsHint')}>
            <Sessions />
          </Part>
          <Part id="tokens" title={t('entry.tokens')} hint={t('entry.tokensHint')}>
            <Tokens />
          </Part>
        </div>
      </Page>
    </Main>
  )
}
