import { useEffect, useRef } from 'react'
import { problemOf } from '../../api/problem.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import type { AppMeta, ColumnMeta, ViewMeta } from '../../meta/types.ts'
import { useKeyPlace } from '../../shell/commands.ts'
import type { Column } from './columns.ts'
import { Grid } from './Grid.tsx'
import { SumLine } from './SumLine.tsx'
import type { TableState } from './state.ts'
import { after, type useActs } from './useActs.tsx'
import { useEditor } from './useEditor.ts'
import { focusGrid, useGrid } from './useGrid.ts'
import type { useTable } from './useTable.ts'

interface Props {
  app: string
  meta: AppMeta
  view: ViewMeta
  state: TableState
  columns: Column[]
  group?: ColumnMeta
  table: ReturnType<typeof useTable>
  acts: ReturnType<typeof useActs>
  onWidth: (path: string, width: number) => void
}

/** GridView is the grid with what its keyboard, mouse and clipboard do. */
export function GridView({ app, view, state, columns, group, table, acts, onWidth }: Props) {
  useKeyPlace('table')
  const { totals } = table
  const model = table.model!
  const grid = useGrid(model, columns, acts.acts, !!acts.editing)
  const { editing } = acts
  const Editor = useEditor()
  const rec = editing && model.find(editing.id)
  const column = editing && columns[editing.col - 1]
  const failed = model.segments.find((s) => s.error)
  const peeked = useRef(false)
  useEffect(() => {
    if (peeked.current && !acts.peeked) focusGrid()
    peeked.current = !!acts.peeked
  }, [acts.peeked])
  const done = (way: 'down' | 'right' | 'left' | 'stay'): void => {
    acts.setEditing(undefined)
    const row = editing ? model.placeOf(editing.id) : -1
    if (row >= 0 && editing) grid.go(after({ row, col: editing.col }, way, model.length, columns.length))
    focusGrid()
  }
  return (
    <>
      <Grid
        label={label(view.title)}
        model={model}
        columns={columns}
        colors={view.colors ?? none}
        group={group}
        sort={state.sort.length ? state.sort : (view.sort ?? [])}
        totals={totals}
        range={grid.range}
        checked={acts.checked}
        problems={acts.problems}
        editing={editing}
        editor={
          Editor &&
          rec &&
          column?.edit && (
            <Editor
              key={`${rec.id}.${column.path}`}
              app={app}
              entity={view.entity}
              rec={rec}
              column={column}
              display={model.display}
              problem={acts.problems.get(rec.id)?.[column.path]}
              save={(v) => acts.saveCell(rec, column, v)}
              done={done}
              learn={(d) => Object.assign(model.display, d)}
            />
          )
        }
        hrefOf={(id) => `/a/${app}/r/${view.entity}/${id}?view=${view.name}`}
        on={grid.on}
        onWidth={onWidth}
        onPage={grid.onPage}
      />
      <SumLine model={model} columns={columns} range={grid.range} />
      {failed && (
        <p className="tv-failed" role="alert">
          {problemOf(failed.error).offline ? t('states.offlineTitle') : t('states.errorTitle')}
          <Button size="s" icon="refresh" onPress={() => model.retry()}>
            {t('common.retry')}
          </Button>
        </p>
      )}
    </>
  )
}

const none: never[] = []
