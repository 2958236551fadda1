import { label, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { copyText } from '../../kit/copy.ts'
import { Menu, type MenuEntry } from '../../kit/menu.tsx'
import { toast } from '../../kit/toast.tsx'
import type { AppMeta, EntityMeta, ViewMeta } from '../../meta/types.ts'
import { SearchBox } from '../SearchBox.tsx'
import { type Column, groupable } from './columns.ts'
import { exportTable } from './export.ts'
import { SavedMenu } from './SavedMenu.tsx'
import type { TableState } from './state.ts'
import type { Sheet } from './TableScreen.tsx'

export interface ToolbarProps {
  app: string
  meta: AppMeta
  view: ViewMeta
  entity: EntityMeta
  state: TableState
  change: (s: Partial<TableState>) => void
  open: (s: Sheet) => void
  create?: () => void
  print: () => void
  columns: Column[]
  busy: boolean
}

function GroupMenu({ meta, view, state, change }: Pick<ToolbarProps, 'meta' | 'view' | 'state' | 'change'>) {
  const fields = groupable(meta, view)
  const now = fields.find((c) => c.path === state.group)
  return (
    <Menu
      label={t('table.groupBy')}
      button={
        <Button icon="tree" look="ghost" className={now ? 'tv-on' : ''}>
          {now ? label(now.title) : t('table.group')}
        </Button>
      }
      groups={[
        {
          id: 'none',
          entries: [{ id: '-', text: t('table.noGroup'), checked: !now, act: () => change({ group: '' }) }],
        },
        {
          id: 'fields',
          title: t('table.groupBy'),
          entries: fields.map((c) => ({
            id: c.path,
            text: label(c.title),
            checked: c.path === state.group,
            act: () => change({ group: c.path }),
          })),
        },
      ]}
    />
  )
}

function MoreMenu(p: ToolbarProps) {
  const { app, view, entity, state, change, open, columns } = p
  const may = (a: EntityMeta['actions'][number]) => entity.actions.includes(a)
  const save = (format: 'xlsx' | 'csv') => () => void exportTable(app, view, state, columns, format)
  const entries: (MenuEntry | false)[] = [
    { id: 'columns', text: t('table.columns'), icon: 'columns', act: () => open('columns') },
    { id: 'print', text: t('print.print'), icon: 'print', act: p.print },
    may('export') && { id: 'xlsx', text: t('table.exportXlsx'), icon: 'download', act: save('xlsx') },
    may('export') && { id: 'csv', text: t('table.exportCsv'), icon: 'download', act: save('csv') },
    may('import') &&
      may('create') && { id: 'import', text: t('table.import'), icon: 'upload', act: () => open('import') },
    {
      id: 'link',
      text: t('table.copyLink'),
      icon: 'link',
      act: () =>
        void copyText(location.href).then((done) =>
          done ? toast('ok', t('table.linkCopied')) : toast('info', t('table.copyLink'), { detail: location.href }),
        ),
    },
    may('delete') && {
      id: 'bin',
      text: t(state.bin ? 'table.leaveBin' : 'table.bin'),
      icon: 'delete',
      act: () => change({ bin: !state.bin, group: '' }),
    },
  ]
  return (
    <Menu
      label={t('table.more')}
      button={<IconButton icon="more" label={t('table.more')} />}
      groups={[{ id: 'more', entries: entries.filter((e): e is MenuEntry => !!e) }]}
    />
  )
}

/** Toolbar is above the table: what is looked at, how, and what can be done. */
export function Toolbar(p: ToolbarProps) {
  const { view, state, change, open, create } = p
  return (
    <header className="tv-bar">
      <h1 className="tv-name">{label(view.title)}</h1>
      <SavedMenu {...p} />
      <span className="grow" />
      {p.busy && <span className="tv-busy" role="status" aria-label={t('table.refreshing')} />}
      <div className="tv-tools" role="toolbar" aria-label={label(view.title)}>
        <SearchBox value={state.search} onSearch={(search) => change({ search })} />
        <Button icon="filter" look="ghost" className={state.filter ? 'tv-on' : ''} onPress={() => open('filter')}>
          {t('table.filter')}
        </Button>
        {!state.bin && <GroupMenu {...p} />}
        <Button icon="columns" look="ghost" className="tv-wide" onPress={() => open('columns')}>
          {t('table.columns')}
        </Button>
        <MoreMenu {...p} />
        {create && !state.bin && (
          <Button look="primary" icon="plus" className="tv-wide" onPress={create}>
            {t('table.new')}
          </Button>
        )}
      </div>
    </header>
  )
}
