import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
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
import { call, path } from '../api/client.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import type { MenuMeta } from '../meta/types.ts'
import { keyText, useAllCommands } from './commands.ts'

interface Hit {
  entity: string
  entity_title: string
  id: string
  display: string
}

interface Entry {
  id: string
  text: string
  icon?: string
  note?: string
  act: () => void
}

const fewest = 1

function pages(items: MenuMeta[], above = ''): { view: string; text: string }[] {
  return items.flatMap((i) => {
    const text = above ? `${above} / ${label(i.title)}` : label(i.title)
    return [...(i.view ? [{ view: i.view, text }] : []), ...pages(i.items ?? [], label(i.title))]
  })
}

function matches(text: string, q: string): boolean {
  return text.toLowerCase().includes(q.trim().toLowerCase())
}

/** Palette finds pages, records and commands by what is typed. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { app } = useParams({ strict: false }) as { app?: string }
  const [q, setQ] = useState('')
  const wanted = useDeferredValue(q.trim())
  const navigate = useNavigate()
  const { data: apps } = useQuery(appsQuery)
  const { data: meta } = useQuery({ ...metaQuery(app ?? ''), enabled: !!app })
  const { data: hits, isFetching } = useQuery({
    queryKey: ['search', app, wanted],
    queryFn: ({ signal }) =>
      call<{ results: Hit[] }>('GET', `/apps${path(app ?? '')}/search`, { query: { q: wanted, limit: 12 }, signal }),
    enabled: !!app && wanted.length >= fewest,
  })
  const commands = useAllCommands()
  const go = (act: () => void) => () => {
    onClose()
    act()
  }
  const places: Entry[] = [
    ...(meta
      ? pages(meta.menu).map((p) => ({
          id: `v:${p.view}`,
          text: p.text,
          icon: 'right',
          act: () => void navigate({ to: '/a/$app/v/$view', params: { app: meta.app, view: p.view }, search: {} }),
        }))
      : []),
    ...(apps ?? [])
      .filter((a) => a.name !== app)
      .map((a) => ({
        id: `a:${a.name}`,
        text: label(a.titles, a.title),
        icon: a.icon,
        act: () => void navigate({ to: '/a/$app', params: { app: a.name } }),
      })),
  ].filter((e) => matches(e.text, q))
  const records: Entry[] = (hits?.results ?? []).map((h) => ({
    id: `r:${h.entity}:${h.id}`,
    text: h.display,
    note: h.entity_title,
    icon: 'file',
    act: () =>
      void navigate({
        to: '/a/$app/r/$entity/$id',
        params: { app: app ?? '', entity: h.entity, id: h.id },
        search: {},
      }),
  }))
  const orders: Entry[] = commands
    .filter((c) => c.id !== 'palette' && matches(c.text, q))
    .map((c) => ({ id: `c:${c.id}`, text: c.text, icon: c.icon, note: c.keys && keyText(c.keys), act: c.act }))
  const groups = [
    { id: 'records', title: t('shell.paletteRecords'), entries: wanted ? records : [] },
    { id: 'places', title: t('shell.paletteGo'), entries: places },
    { id: 'commands', title: t('shell.paletteCommands'), entries: orders },
  ].filter((g) => g.entries.length > 0)
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={(o) => !o && onClose()} className="shade palette-shade">
      <Modal className="modal palette">
        <Dialog className="dialog" aria-label={t('shell.palette')}>
          <Autocomplete inputValue={q} onInputChange={setQ}>
            <SearchField autoFocus aria-label={t('shell.paletteHint')} className="palette-search">
              <Icon name="search" />
              <Input placeholder={t('shell.paletteHint')} className="palette-input" />
            </SearchField>
            <Menu
              className="list palette-list"
              aria-label={t('shell.palette')}
              renderEmptyState={() => (
                <p className="list-empty">{t(isFetching ? 'common.loading' : 'common.noResults')}</p>
              )}
            >
              {groups.map((g) => (
                <MenuSection key={g.id} className="list-section">
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
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
