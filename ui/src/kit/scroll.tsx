import type { ReactNode } from 'react'

/** ScrollBox scrolls what is wider or longer than its place, by keyboard too. */
export function ScrollBox({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={label} className={`scroll-x ${className ?? ''}`}>
      {children}
    </section>
  )
}
