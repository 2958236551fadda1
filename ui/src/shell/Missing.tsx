import { Link } from '@tanstack/react-router'
import { t } from '../i18n/i18n.ts'
import { State } from '../kit/state.tsx'

/** Missing is for addresses that lead nowhere. */
export function Missing() {
  return (
    <main>
      <State alone icon="search" title={t('states.missingTitle')} text={t('states.missingHint')}>
        <Link to="/" className="btn btn-primary btn-m">
          {t('states.goHome')}
        </Link>
      </State>
    </main>
  )
}
