import { createContext, type ReactNode, useContext, useEffect } from 'react'
import { t } from '../i18n/i18n.ts'

/** useTitle names the browser's tab after what is open. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Tenon` : t('common.product')
  }, [title])
}

/** Within is true where pages are shown inside another one. */
export const Within = createContext(false)

/** Main is the part of the screen that is the page's own. */
export function Main({ children }: { children: ReactNode }) {
  return useContext(Within) ? (
    <div className="main">{children}</div>
  ) : (
    <main id="main" className="main" tabIndex={-1}>
      {children}
    </main>
  )
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

/** How paper is held. */
export type Orientation = 'portrait' | 'landscape'

/** cssText writes a text as CSS has it; whatever is in it stays text. */
export const cssText = (s: string): string =>
  `"${s.replace(/["\\<>\p{Cc}]/gu, (c) => `\\${c.codePointAt(0)!.toString(16)} `)}"`

/** pageRule is how the pages of a print are: their size, and what stands in their margins where the browser prints that. */
export function pageRule(orientation: Orientation, foot: string): string {
  const pages = t('print.pageOf')
    .split(/(\{n\}|\{all\})/)
    .map((p) => (p === '{n}' ? 'counter(page)' : p === '{all}' ? 'counter(pages)' : cssText(p)))
    .join(' ')
  return `@page {
  size: A4 ${orientation};
  margin: 12mm 12mm 16mm;
  @bottom-left { content: ${cssText(foot)}; font: 8pt sans-serif; }
  @bottom-right { content: ${pages}; font: 8pt sans-serif; }
}`
}

/** usePageRule holds a rule for as long as the component is shown. A style element would break the content policy. */
export function usePageRule(rule: string | undefined): void {
  useEffect(() => {
    if (!rule) return
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(rule)
    document.adoptedStyleSheets.push(sheet)
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet)
    }
  }, [rule])
}
