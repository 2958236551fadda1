import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type KeyboardEvent, useDeferredValue, useState } from 'react'
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
} from 'react-aria-components'
import { appsQuery, metaQuery } from '../api/apps.ts'
import { ledgersQuery, seesBooks } from '../api/books.ts'
import { useMe } from '../api/me.ts'
import { useVisits } from '../api/recent.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import type { MenuMeta } from '../meta/types.ts'
import { keyText, useAllCommands } from './commands.ts'
import { useSearch } from './find.ts'

interface Entry {
  id: string
  text: string
  icon?: string
  note?: string
  act: () => void
}

interface Group {
  id: string
  title: string
  entries: Entry[]
}

const mostRecent = 6

function pages(items: MenuMeta[], above = ''): { view: string; text: string }[] {
  return items.flatMap((i) => {
    const text = above ? `${above} / ${label(i.title)}` : label(i.title)
    return [...(i.view ? [{ view: i.view, text }] : []), ...pages(i.items ?? [], label(i.title))]
  })
}

function matches(text: string, q: string): boolean {
  return text.toLowerCase().includes(q.trim().toLowerCase())
}

/** usePlaces are the pages that one can go to from here. */
function usePlaces(app: string | undefined): Entry[] {
  const me = useMe()
  const navigate = useNavigate()
  const { data: apps = [] } = useQuery(appsQuery)
  const { data: meta } = useQuery({ ...metaQuery(app ?? ''), enabled: !!app })
  const { data: ledgers } = useQuery({ ...ledgersQuery(app ?? ''), enabled: !!app })
  const inApp = pages(meta?.menu ?? []).map((p) => ({
    id: `v:${p.view}`,
    text: p.text,
    icon: 'right',
    act: () => void navigate({ to: '/a/$app/v/$view', params: { app: app!, view: p.view }, search: {} }),
  }))
  const others = apps
    .filter((a) => a.name !== app)
    .map((a) => ({
      id: `a:${a.name}`,
      text: label(a.titles, a.title),
      icon: a.icon,
      act: () => void navigate({ to: '/a/$app', params: { app: a.name } }),
    }))
  const fixed: [string, string, string, boolean][] = [
    ['/', 'home', t('shell.home'), true],
    ['/inbox', 'bell', t('shell.inbox'), true],
    ['/gallery', 'store', t('shell.gallery'), true],
    ['/account', 'user', t('entry.account'), true],
    ['/admin/users', 'users', `${t('shell.admin')} / ${t('admin.users')}`, me.admin],
    ['/admin/departments', 'tree', `${t('shell.admin')} / ${t('admin.departments')}`, me.admin],
    ['/admin/roles', 'shield', `${t('shell.admin')} / ${t('admin.roles')}`, me.admin],
    ['/admin/tokens', 'key', `${t('shell.admin')} / ${t('admin.tokens')}`, me.admin],
    ['/admin/audit', 'history', `${t('shell.admin')} / ${t('admin.audit')}`, me.admin],
    ['/admin/apps', 'package', `${t('shell.admin')} / ${t('admin.apps')}`, me.admin],
    ['/admin/about', 'info', `${t('shell.admin')} / ${t('admin.about')}`, me.admin],
  ]
  const rest = fixed
    .filter(([, , , may]) => may)
    .map(([to, icon, text]) => ({ id: `p:${to}`, text, icon, act: () => void navigate({ to }) }))
  const books = { id: 'p:ledgers', text: t('books.title'), icon: 'shield' }
  const toBooks = (): void => void navigate({ to: '/a/$app/ledgers', params: { app: app! } })
  return [...inApp, ...(seesBooks(ledgers, me) ? [{ ...books, act: toBooks }] : []), ...others, ...rest]
}

function useRecords(app: string | undefined, wanted: string): { records: Entry[]; searching: boolean } {
  const navigate = useNavigate()
  const { hits, searching } = useSearch(app, wanted)
  const records = hits.map((h) => ({
    id: `r:${h.app}:${h.entity}:${h.id}`,
    text: h.text,
    note: h.note,
    icon: 'file',
    act: () =>
      void navigate({ to: '/a/$app/r/$entity/$id', params: { app: h.app, entity: h.entity, id: h.id }, search: {} }),
  }))
  return { records, searching }
}

function useRecent(): Entry[] {
  const me = useMe()
  const navigate = useNavigate()
  const { data: apps = [] } = useQuery(appsQuery)
  return useVisits(me.id)
    .filter((v) => apps.some((a) => a.name === v.app))
    .slice(0, mostRecent)
    .map((v) => ({
      id: `l:${v.app}:${v.entity}:${v.id}`,
      text: v.text,
      icon: 'clock',
      act: () =>
        void navigate({ to: '/a/$app/r/$entity/$id', params: { app: v.app, entity: v.entity, id: v.id }, search: {} }),
    }))
}

function useGroups(q: string): { groups: Group[]; searching: boolean } {
  const { app } = useParams({ strict: false }) as { app?: string }
  const { records, searching } = useRecords(app, useDeferredValue(q.trim()))
  const recent = useRecent()
  const places = usePlaces(app).filter((e) => matches(e.text, q))
  const orders: Entry[] = useAllCommands()
    .filter((c) => c.id !== 'palette' && matches(c.text, q))
    .map((c) => ({ id: `c:${c.id}`, text: c.text, icon: c.icon, note: c.keys && keyText(c.keys), act: c.act }))
  const go = { id: 'places', title: t('shell.paletteGo'), entries: places }
  const act = { id: 'commands', title: t('shell.paletteCommands'), entries: orders }
  // Pages are known at once, and few are called what is typed; records come later, below them.
  const groups = q.trim()
    ? [go, { id: 'records', title: t('shell.paletteRecords'), entries: records }, act]
    : [{ id: 'recent', title: t('shell.paletteRecent'), entries: recent }, go, act]
  return { groups: groups.filter((g) => g.entries.length > 0), searching }
}

/** Palette finds pages, records and commands by what is typed; before that it offers what was opened last. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [q, setQ] = useState('')
  const { groups, searching } = useGroups(q)
  const go = (act: () => void) => () => {
    onClose()
    act()
  }
  // Records arrive after the list has chosen what Enter opens; where it has lost its choice, Enter opens the first.
  const first = (e: KeyboardEvent): void => {
    const entry = groups[0]?.entries[0]
    if (e.key !== 'Enter' || !entry || e.currentTarget.getAttribute('aria-activedescendant')) return
    e.preventDefault()
    go(entry.act)()
  }
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={(o) => !o && onClose()} className="shade palette-shade">
      <Modal className="modal palette">
        <Dialog className="dialog" aria-label={t('shell.palette')}>
          <Autocomplete inputValue={q} onInputChange={setQ}>
            <SearchField autoFocus aria-label={t('shell.paletteHint')} className="palette-search">
              <Icon name="search" />
              <Input placeholder={t('shell.paletteHint')} className="palette-input" onKeyDown={first} />
            </SearchField>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
            <section className="palette-list" aria-label={t('shell.palette')} tabIndex={0}>
              <Menu
                className="list"
                aria-label={t('shell.palette')}
                renderEmptyState={() => (
                  <p className="list-empty">{t(searching ? 'common.loading' : 'common.noResults')}</p>
                )}
              >
                {groups.map((g) => (
                  <MenuSection key={g.id} id={g.id} className="list-section">
                    <Header className="list-head">{g.title}</Header>
                    {g.entries.map((e) => (
                      <MenuItem key={e.id} id={e.id} textValue={e.text} className="list-item" onAction={go(e.act)}>
                        <Icon name={e.icon} />
                        <span className="list-text">{e.text}</span>
                        {e.note && <span className="list-note">{e.note}</span>}
                      </MenuItem>
                    ))}
                  </MenuSection>
                ))}
              </Menu>
            </section>
          </Autocomplete>
          <p className="palette-foot">{t('shell.paletteKeys')}</p>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
