import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Menu } from '../../kit/menu.tsx'
import { type Orientation, pageRule, usePageRule } from '../../kit/page.tsx'
import { usePrintCommand } from '../../shell/commands.ts'
import type { Wish } from './wish.ts'
import './print.css'

/** How much smaller paper is shown where the screen is narrower than it. */
function useScale(orientation: Orientation): [React.RefObject<HTMLElement | null>, number] {
  const box = useRef<HTMLElement>(null)
  const [scale, setScale] = useState(1)
  useEffect(() => {
    const el = box.current
    if (!el) return
    const measure = (): void => {
      const wide = ((orientation === 'landscape' ? 297 : 210) * 96) / 25.4
      setScale(Math.min(1, Math.max(0.3, (el.clientWidth - 24) / wide)))
    }
    const size = new ResizeObserver(measure)
    size.observe(el)
    return () => size.disconnect()
  }, [orientation])
  return [box, scale]
}

/** Desk shows papers as they will be printed, with what can be chosen about them. */
export function Desk({
  title,
  foot,
  orientation,
  wish,
  onWish,
  onChoose,
  onBack,
  notes,
  ready,
  children,
}: {
  title: string
  /** What stands below each page, beside its number, and what the browser calls the file. */
  foot: string
  orientation: Orientation
  wish: Wish
  onWish: (w: Wish) => void
  onChoose?: () => void
  onBack: () => void
  notes: string[]
  ready: boolean
  children: ReactNode
}) {
  useEffect(() => {
    document.title = foot // what the browser calls the file
  }, [foot])
  usePageRule(useMemo(() => pageRule(orientation, foot), [orientation, foot]))
  const [box, scale] = useScale(orientation)
  usePrintCommand(() => ready && window.print())
  const ways: [Orientation | undefined, string][] = [
    [undefined, t('print.byWidth')],
    ['portrait', t('print.portrait')],
    ['landscape', t('print.landscape')],
  ]
  return (
    <div className="print-page">
      <header className="print-bar noprint">
        <IconButton icon="back" label={t('common.back')} onPress={onBack} />
        <h1 className="print-title">{title}</h1>
        <span className="grow" />
        <Menu
          label={t('print.orientation')}
          button={
            <Button look="ghost">{t('print.paper', { way: ways.find(([w]) => w === wish.orientation)![1] })}</Button>
          }
          groups={[
            {
              id: 'ways',
              title: t('print.orientation'),
              entries: ways.map(([w, text]) => ({
                id: text,
                text,
                checked: w === wish.orientation,
                act: () => onWish({ ...wish, orientation: w }),
              })),
            },
          ]}
        />
        {onChoose && (
          <Button look="ghost" icon="columns" onPress={onChoose}>
            {t('print.choose')}
          </Button>
        )}
        <Button look="primary" icon="print" isDisabled={!ready} onPress={() => window.print()}>
          {t('print.asPdf')}
        </Button>
      </header>
      {notes.map((n) => (
        <p key={n} className="note-box warn print-note noprint" role="status">
          {n}
        </p>
      ))}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={box} className="print-desk" tabIndex={0} aria-label={`${t('print.preview')} ${foot}`}>
        <div className={`print-stack on-paper print-${orientation}`} style={{ zoom: scale }}>
          {children}
        </div>
      </section>
    </div>
  )
}
