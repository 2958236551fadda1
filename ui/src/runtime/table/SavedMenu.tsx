import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { queries } from '../../api/query.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Menu, type MenuEntry } from '../../kit/menu.tsx'
import { Tag } from '../../kit/tag.tsx'
import { toast, toastProblem } from '../../kit/toast.tsx'
import { deleteSaved, differs, isBare, type SavedView, savedQuery, stateOf, updateSaved } from './saved.ts'
import type { ToolbarProps } from './Toolbar.tsx'

const none = { filter: '', search: '', sort: [], columns: [], saved: '', bin: false }

/** SavedMenu chooses one of the ways of looking at a table that its document names and that people saved. */
export function SavedMenu({ app, view, state, change, open }: ToolbarProps) {
  const { data = [] } = useQuery(savedQuery(app, view.name))
  const now = data.find((s) => s.id === state.saved)
  const named = view.saved?.find((s) => s.name === state.saved)
  const changed = !!now && differs(state, now)
  // A link may name a saved view and nothing else: the table is then seen as it was saved.
  const fresh = useRef(true)
  useEffect(() => {
    if (!now || !fresh.current) return
    fresh.current = false
    if (isBare(state, view)) change(stateOf(now))
  }, [now, state, view, change])
  const again = () => queries.invalidateQueries({ queryKey: ['saved', app, view.name] })
  const entry = (s: SavedView): MenuEntry => ({
    id: s.id,
    text: s.title,
    checked: s.id === state.saved,
    note: s.mine ? undefined : s.owner.name,
    reason: s.broken?.length ? t('table.viewBroken') : undefined,
    act: () => change(stateOf(s)),
  })
  const update = (s: SavedView) => () => {
    updateSaved(app, view, s.id, state)
      .then(() => toast('ok', t('table.viewSaved')))
      .then(again)
      .catch(toastProblem)
  }
  const remove = (s: SavedView) => () => {
    deleteSaved(app, view, s.id)
      .then(() => change({ ...none, group: view.group ?? '' }))
      .then(() => toast('ok', t('table.viewDeleted')))
      .then(again)
      .catch(toastProblem)
  }
  return (
    <Menu
      label={t('table.views')}
      button={
        <Button look="ghost" className="tv-views">
          {now?.title ?? label(named?.title, t('table.allRecords'))}
          {changed && <Tag color="orange">{t('table.viewChanged')}</Tag>}
          <Icon name="down" size={14} />
        </Button>
      }
      groups={[
        {
          id: 'all',
          entries: [
            {
              id: '-',
              text: t('table.allRecords'),
              checked: !state.saved,
              act: () => change({ ...none, group: view.group ?? '' }),
            },
          ],
        },
        {
          id: 'named',
          title: t('table.documentViews'),
          entries: (view.saved ?? []).map((s) => ({
            id: s.name,
            text: label(s.title),
            checked: s.name === state.saved,
            act: () => change({ ...none, saved: s.name, group: state.group }),
          })),
        },
        { id: 'mine', title: t('table.myViews'), entries: data.filter((s) => s.mine).map(entry) },
        { id: 'shared', title: t('table.sharedViews'), entries: data.filter((s) => !s.mine).map(entry) },
        {
          id: 'save',
          entries: [
            ...(now && changed && now.mine
              ? [{ id: 'update', text: t('table.updateView', { title: now.title }), icon: 'save', act: update(now) }]
              : []),
            ...(now && changed
              ? [{ id: 'discard', text: t('table.discardView'), icon: 'refresh', act: () => change(stateOf(now)) }]
              : []),
            { id: 'new', text: t('table.saveView'), icon: 'plus', act: () => open('save') },
            ...(now?.mine
              ? [
                  {
                    id: 'delete',
                    text: t('table.deleteView', { title: now.title }),
                    icon: 'delete',
                    danger: true,
                    act: remove(now),
                  },
                ]
              : []),
          ],
        },
      ]}
    />
  )
}
