import { Link } from '@tanstack/react-router'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { State } from '../kit/state.tsx'

/** Welcome is the home page before there is an app: the one thing to do, and what comes after it. */
export function Welcome({ may }: { may: boolean }) {
  if (!may) return <State icon="sparkles" title={t('home.noApps')} text={t('home.noAppsHint')} />
  const steps = [
    ['store', t('home.stepChoose'), t('home.stepChooseHint')],
    ['download', t('home.stepInstall'), t('home.stepInstallHint')],
    ['users', t('home.stepInvite'), t('home.stepInviteHint')],
  ] as const
  return (
    <section className="card home-welcome">
      <img src="/favicon.svg" alt="" width={56} height={56} />
      <h2>{t('home.welcome')}</h2>
      <p className="soft">{t('home.welcomeHint')}</p>
      <Link to="/gallery" className="btn btn-primary btn-l">
        {t('home.welcomeDo')}
        <Icon name="right" />
      </Link>
      <ol className="home-steps">
        {steps.map(([icon, title, text], i) => (
          <li key={icon}>
            <span className="home-icon tint-green">
              <Icon name={icon} size={20} />
            </span>
            <strong>
              {i + 1}. {title}
            </strong>
            <span className="soft">{text}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
