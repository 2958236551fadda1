import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { useTitle } from '../../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf, titlesOf } from '../../meta/find.ts'
import { type Command, useCommands, usePrintCommand } from '../../shell/commands.ts'
import { useAddress } from '../address.ts'
import type { ScreenProps } from '../screens.ts'
import { chosen, columnsOf, groupable } from './columns.ts'
import { questionOf } from './question.ts'
import { readState, type TableState, toggleSort, writeState } from './state.ts'
import { Toolbar } from './Toolbar.tsx'
import { useActs } from './useActs.tsx'
import { useNarrow } from './useNarrow.ts'
import { useTable } from './useTable.ts'
import './table.css'

const BulkBar = lazy(() => import('./BulkBar.tsx').then((m) => ({ default: m.BulkBar })))
const Cards = lazy(() => import('./Cards.tsx').then((m) => ({ default: m.Cards })))
const FilterLine = lazy(() => import('./FilterLine.tsx').then((m) => ({ default: m.FilterLine })))
const GridView = lazy(() => import('./GridView.tsx').then((m) => ({ default: m.GridView })))
const Chooser = lazy(() => import('./Chooser.tsx').then((m) => ({ default: m.Chooser })))
const FilterSheet = lazy(() => import('./FilterSheet.tsx').then((m) => ({ default: m.FilterSheet })))
const SaveView = lazy(() => import('./SaveView.tsx').then((m) => ({ default: m.SaveView })))
const ImportWizard = lazy(() => import('../imports/ImportWizard.tsx').then((m) => ({ default: m.ImportWizard })))

const RecordPeek = lazy(() => import('../record/RecordPeek.tsx').then((m) => ({ default: m.RecordPeek })))

export type Sheet = 'columns' | 'filter' | 'save' | 'import' | undefined

const loading = (
  <div className="tv-loading">
    <Skeleton shape="table" rows={12} />
  </div>
)

function useNewCommand(create?: () => void): Command[] {
  const latest = useRef(create)
  latest.current = create
  const may = !!create
  return useMemo(
    () =>
      may
        ? [{ id: 'new', text: t('shell.shortcutNew'), icon: 'plus', keys: 'alt+n', act: () => latest.current?.() }]
        : [],
    [may],
  )
}

/** TableScreen shows records as a table; on a phone, as cards. */
export function TableScreen({ app, view }: ScreenProps) {
  const meta = useMeta(app)
  const entity = entityOf(meta, view.entity)!
  const title = label(view.title)
  useTitle(title)
  const navigate = useNavigate()
  const [address, patch] = useAddress()
  const state = useMemo(() => readState(address, view), [address, view])
  const change = useCallback(
    (part: Partial<TableState>) => patch(writeState({ ...state, ...part }, view)),
    [patch, state, view],
  )
  const chosenColumns = JSON.stringify(state.columns)
  // biome-ignore lint/correctness/useExhaustiveDependencies: by what the columns are, not by which list says so
  const columns = useMemo(() => columnsOf(meta, view, state.columns), [meta, view, chosenColumns])
  const asked = JSON.stringify(questionOf(app, view, state, columns))
  const question = useMemo(() => JSON.parse(asked) as ReturnType<typeof questionOf>, [asked])
  const group = groupable(meta, view).find((c) => c.path === state.group)
  const table = useTable(meta, question, group?.path ?? '', columns)
  const { model } = table
  const [sheet, setSheet] = useState<Sheet>()
  const narrow = useNarrow()
  const widen = useCallback(
    (path: string, width: number) => {
      const all = chosen(meta, view, state.columns)
      change({
        columns: all
          .filter((c) => !c.hidden || state.columns.some((x) => x.path === c.path))
          .map((c) => ({ path: c.path, hidden: c.hidden || undefined, width: c.path === path ? width : c.width })),
      })
    },
    [meta, view, state.columns, change],
  )
  const acts = useActs({
    app,
    meta,
    view,
    model,
    columns,
    bin: state.bin,
    sort: (path, more) => change({ sort: toggleSort(state.sort.length ? state.sort : (view.sort ?? []), path, more) }),
    widen,
    remove: () => {},
  })
  const create = entity.actions.includes('create')
    ? () =>
        void navigate({ to: '/a/$app/new/$entity', params: { app, entity: view.entity }, search: { view: view.name } })
    : undefined
  useCommands(useNewCommand(create))
  const print = (): void =>
    void navigate({ to: '/a/$app/print/v/$view', params: { app, view: view.name }, search: writeState(state, view) })
  usePrintCommand(print)
  const narrowed = !!(state.filter || state.search || state.saved)
  const close = (): void => setSheet(undefined)
  const empty = model && model.length === 0 && !table.busy
  const clear = (): void => change({ filter: '', search: '', saved: '' })
  return (
    <div className="tv">
      <Toolbar
        app={app}
        meta={meta}
        view={view}
        entity={entity}
        state={state}
        change={change}
        open={setSheet}
        create={create}
        print={print}
        columns={columns}
        busy={table.busy}
      />
      {(state.filter || state.bin) && (
        <Suspense>
          <FilterLine app={app} meta={meta} view={view} state={state} change={change} open={() => setSheet('filter')} />
        </Suspense>
      )}
      {model && model.fresh.size > 0 && (
        <p className="tv-fresh" role="status">
          {t('table.fresh', { n: model.fresh.size })}
          <Button size="s" onPress={table.reload}>
            {t('table.showFresh')}
          </Button>
        </p>
      )}
      {model && model.computing.length > 0 && (
        <p className="tv-fresh" role="status">
          {t('record.computing', { fields: titlesOf(entity, model.computing) })}
        </p>
      )}
      {acts.checked.size > 0 && (
        <Suspense>
          <BulkBar
            app={app}
            meta={meta}
            view={view}
            entity={entity}
            columns={columns}
            model={model}
            acts={acts}
            bin={state.bin}
          />
        </Suspense>
      )}
      {table.error ? (
        <Failed error={table.error} retry={table.reload} />
      ) : !model ? (
        loading
      ) : empty ? (
        state.bin ? (
          <Empty icon="delete" title={t('table.emptyBin')} />
        ) : narrowed ? (
          <Empty icon="search" title={t('table.noMatch')} text={t('table.noMatchHint')}>
            <Button onPress={clear}>{t('table.clearAll')}</Button>
          </Empty>
        ) : (
          <Empty
            icon={entity.icon ?? 'table'}
            title={t('table.empty', { entity: label(entity.title) })}
            text={t(create ? 'table.emptyHint' : 'table.emptyRead')}
          >
            {create && (
              <Button look="primary" icon="plus" onPress={create}>
                {t('table.newOf', { entity: label(entity.title) })}
              </Button>
            )}
          </Empty>
        )
      ) : narrow ? (
        <Suspense fallback={loading}>
          <Cards
            app={app}
            view={view}
            entity={entity}
            columns={columns}
            model={model}
            totals={table.totals}
            acts={acts}
            sort={state.sort.length ? state.sort : (view.sort ?? [])}
            onSort={(sort) => change({ sort })}
          />
        </Suspense>
      ) : (
        <Suspense fallback={loading}>
          <GridView
            app={app}
            meta={meta}
            view={view}
            state={state}
            columns={columns}
            group={group}
            table={table}
            acts={acts}
            onWidth={widen}
          />
        </Suspense>
      )}
      {narrow && create && (
        <Button look="primary" icon="plus" className="tv-fab" onPress={create}>
          {t('table.new')}
        </Button>
      )}
      <Suspense>
        {acts.peeked && (
          <RecordPeek app={app} entity={view.entity} id={acts.peeked} onClose={() => acts.setPeeked(undefined)} />
        )}
        {sheet === 'columns' && <Chooser meta={meta} view={view} state={state} change={change} onClose={close} />}
        {sheet === 'filter' && <FilterSheet app={app} view={view} state={state} change={change} onClose={close} />}
        {sheet === 'save' && <SaveView app={app} view={view} state={state} change={change} onClose={close} />}
        {sheet === 'import' && <ImportWizard app={app} entity={view.entity} onClose={close} onDone={table.reload} />}
      </Suspense>
    </div>
  )
}
