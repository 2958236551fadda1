import { type ReactNode, useEffect } from 'react'
import { t } from '../i18n/i18n.ts'

/** useTitle names the browser's tab after what is open. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Tenon` : t('common.product')
  }, [title])
}

/** Page is a heading, its actions, and the content below. */
export function Page({
  title,
  note,
  actions,
  children,
  wide,
}: {
  title: string
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
  wide?: boolean
}) {
  useTitle(title)
  return (
    <div className={`page ${wide ? 'page-wide' : ''}`}>
      <header className="page-head">
        <div className="page-titles">
          <h1>{title}</h1>
          {note && <p className="soft">{note}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}
