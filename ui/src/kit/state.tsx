import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

/** Skeleton stands where content will be: rows of grey bars of the content's shape. */
export function Skeleton({
  rows = 6,
  shape = 'lines',
}: {
  rows?: number
  shape?: 'lines' | 'table' | 'form' | 'cards'
}) {
  return (
    <div className={`skeleton skeleton-${shape}`} role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} className={`bone bone-${i % 3}`} />
      ))}
    </div>
  )
}

interface StateProps {
  icon: string
  title: string
  text?: ReactNode
  children?: ReactNode
  /** True where it stands for the whole page: its title is the page's. */
  alone?: boolean
}

/** State fills a place that has nothing to show: one sentence, one thing to do. */
export function State({ icon, title, text, children, alone }: StateProps) {
  const Title = alone ? 'h1' : 'h2'
  return (
    <div className="state">
      <span className="state-icon">
        <Icon name={icon} size={28} />
      </span>
      <Title className="state-title">{title}</Title>
      {text && <p className="soft">{text}</p>}
      {children && <div className="state-actions">{children}</div>}
    </div>
  )
}

export function Empty({ title, text, icon = 'inbox', children, alone }: Partial<StateProps>) {
  return (
    <State alone={alone} icon={icon} title={title ?? t('states.emptyTitle')} text={text}>
      {children}
    </State>
  )
}

/** Failed shows why something can't be shown, by what kind of refusal it was, with the way on. */
export function Failed({ error, retry, alone }: { error: unknown; retry?: () => void; alone?: boolean }) {
  const p = problemOf(error)
  const again = retry && (
    <Button look="primary" icon="refresh" onPress={retry}>
      {t('common.retry')}
    </Button>
  )
  if (p.offline)
    return (
      <State alone={alone} icon="wifi-off" title={t('states.offlineTitle')} text={t('states.offlineHint')}>
        {again}
      </State>
    )
  const home = alone && (
    <Link to="/" className="btn btn-plain btn-m">
      {t('states.goHome')}
    </Link>
  )
  if (p.denied)
    return (
      <State alone={alone} icon="lock" title={t('states.deniedTitle')} text={p.detail || t('states.deniedHint')}>
        {home}
      </State>
    )
  if (p.missing)
    return (
      <State alone={alone} icon="search" title={t('states.missingTitle')} text={t('states.missingHint')}>
        {home}
      </State>
    )
  return (
    <State
      alone={alone}
      icon="alert"
      title={t('states.errorTitle')}
      text={p.status >= 500 ? t('states.errorHint') : p.detail || t('states.errorHint')}
    >
      {again}
      <p className="soft state-code">
        {t('states.code', { code: p.code })}
        {p.requestID && ` · ${t('states.request', { id: p.requestID })}`}
      </p>
    </State>
  )
}
