import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useParams } from '@tanstack/react-router'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { metaQuery } from '../api/apps.ts'
import { ledgersQuery, seesBooks } from '../api/books.ts'
import { useMe } from '../api/me.ts'
import { label, t } from '../i18n/i18n.ts'
import { IconButton } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { Main } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import type { AppMeta, MenuMeta } from '../meta/types.ts'

function iconOf(meta: AppMeta, item: MenuMeta): string {
  if (item.icon) return item.icon
  const type = meta.views.find((v) => v.name === item.view)?.type ?? 'table'
  return type
}

/** useInSight brings the entry of the page that is open into sight, in a menu that scrolls. */
function useInSight(path: string, ready: boolean): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: again for every page
  useEffect(() => {
    const el = box.current
    if (!el) return
    // Again when the menu has got less room, as when what stands below it comes later.
    const seen = new ResizeObserver(() =>
      el.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' }),
    )
    seen.observe(el)
    return () => seen.disconnect()
  }, [path, ready])
  return box
}

function Items({ meta, items, onGo }: { meta: AppMeta; items: MenuMeta[]; onGo?: () => void }) {
  return (
    <ul>
      {items.map((item) =>
        item.items?.length ? (
          <li key={item.name} className="side-group">
            <h2 className="side-head">{label(item.title)}</h2>
            <Items meta={meta} items={item.items} onGo={onGo} />
          </li>
        ) : (
          <li key={item.name}>
            <Link
              to="/a/$app/v/$view"
              params={{ app: meta.app, view: item.view ?? '' }}
              search={{}}
              className="side-link"
              activeOptions={{ includeSearch: false }}
              onClick={onGo}
              title={label(item.title)}
            >
              <Icon name={iconOf(meta, item)} />
              <span className="side-text">{label(item.title)}</span>
            </Link>
          </li>
        ),
      )}
    </ul>
  )
}

/** What an app has beside its menu: its ledgers, for those who may look into one, and who may prove what it keeps. */
function Books({ app, onGo }: { app: string; onGo?: () => void }) {
  const me = useMe()
  const { data } = useQuery(ledgersQuery(app))
  if (!seesBooks(data, me)) return null
  return (
    <Link to="/a/$app/ledgers" params={{ app }} className="side-link" onClick={onGo} title={t('books.title')}>
      <Icon name="shield" />
      <span className="side-text">{t('books.title')}</span>
    </Link>
  )
}

/** AppFrame is an app's menu beside the screen that is open. On a phone the menu comes from below. */
export function AppFrame() {
  const { app } = useParams({ strict: false }) as { app: string }
  const { data: meta, error, refetch } = useQuery(metaQuery(app))
  const [narrow, setNarrow] = useState(() => localStorage.getItem('tenon.side') === 'narrow')
  const [open, setOpen] = useState(false)
  const side = useInSight(useLocation({ select: (l) => l.pathname }), !!meta)
  if (error)
    return (
      <Main>
        <Failed alone error={error} retry={() => void refetch()} />
      </Main>
    )
  if (!meta)
    return (
      <Main>
        <Skeleton shape="table" />
      </Main>
    )
  const toggle = (): void => {
    localStorage.setItem('tenon.side', narrow ? 'wide' : 'narrow')
    setNarrow(!narrow)
  }
  const name = label(meta.title)
  return (
    <div className={`frame ${narrow ? 'frame-narrow' : ''}`}>
      <nav className="side noprint" aria-label={t('shell.appMenu', { app: name })}>
        <div ref={side} className="side-scroll">
          {meta.menu.length ? (
            <Items meta={meta} items={meta.menu} />
          ) : (
            <p className="side-none soft">{t('shell.noMenu')}</p>
          )}
        </div>
        <div className="side-foot">
          <Books app={app} />
        </div>
        <IconButton
          icon="panel"
          label={t(narrow ? 'shell.expandMenu' : 'shell.collapseMenu')}
          className="side-fold"
          onPress={toggle}
        />
      </nav>
      <Main>
        {meta.menu.length || meta.views.length ? (
          <Outlet />
        ) : (
          <Empty alone icon="lock" title={t('states.deniedTitle')} text={t('shell.noMenu')} />
        )}
      </Main>
      <button type="button" className="side-fab noprint" onClick={() => setOpen(true)}>
        <Icon name="menu" size={20} />
        {t('common.menu')}
      </button>
      {open && (
        <Dialog title={name} look="side" open onClose={() => setOpen(false)}>
          <nav aria-label={t('shell.appMenu', { app: name })} className="side-sheet">
            <Items meta={meta} items={meta.menu} onGo={() => setOpen(false)} />
            <Books app={app} onGo={() => setOpen(false)} />
          </nav>
        </Dialog>
      )}
    </div>
  )
}
