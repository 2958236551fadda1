import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Switch } from '../../kit/check.tsx'
import { useTitle } from '../../kit/page.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf, fieldOf } from '../../meta/find.ts'
import type { AppMeta, EntityMeta, ViewMeta } from '../../meta/types.ts'
import { useKeyPlace } from '../../shell/commands.ts'
import { useAddress } from '../address.ts'
import { Narrow } from '../Narrow.tsx'
import { SearchBox } from '../SearchBox.tsx'
import type { ScreenProps } from '../screens.ts'
import { useQuickAdd } from '../useQuickAdd.tsx'
import { Board } from './Board.tsx'
import { columnSums, sumsOf } from './board.ts'
import { type Asked, reload, sumsQuery } from './data.ts'
import { useSlots } from './slots.ts'
import './board.css'

interface ToolsProps {
  app: string
  meta: AppMeta
  view: ViewMeta
  entity: EntityMeta
  lanes: boolean
}

function Tools({ app, meta, view, entity, lanes }: ToolsProps) {
  const [at, go] = useAddress()
  const lane = view.lane ? fieldOf(entity, view.lane) : undefined
  return (
    <div className="board-tools">
      <SearchBox value={at.search ?? ''} onSearch={(search) => go({ search })} />
      <Narrow
        app={app}
        meta={meta}
        entity={entity.name}
        value={at.filter ?? ''}
        onChange={(filter) => go({ filter })}
      />
      {lane && (
        <Switch isSelected={lanes} onChange={(on) => go({ lanes: on ? 'on' : 'off' })}>
          {t('board.byLane', { lane: label(lane.title, lane.name) })}
        </Switch>
      )}
    </div>
  )
}

/** BoardScreen shows records as cards in columns. */
export function BoardScreen({ app, view }: ScreenProps) {
  const meta = useMeta(app)
  const entity = entityOf(meta, view.entity)
  const title = label(view.title, view.name)
  useTitle(title)
  useKeyPlace('board')
  if (!entity || !view.by) return <Failed alone error={new Error(view.name)} />
  return <Loaded app={app} view={view} entity={entity} title={title} />
}

function Loaded({ app, view, entity, title }: ScreenProps & { entity: EntityMeta; title: string }) {
  const meta = useMeta(app)
  const [at, go] = useAddress()
  const lanes = !!view.lane && at.lanes !== 'off'
  const filter = at.filter ?? ''
  const search = at.search ?? ''
  const asked = useMemo<Asked>(
    () => ({ app, view, entity, lanes, filter, search }),
    [app, view, entity, lanes, filter, search],
  )
  const q = useQuery({ ...sumsQuery(asked), placeholderData: (old) => old })
  const sums = useMemo(() => sumsOf(view, lanes, q.data), [view, lanes, q.data])
  const columns = useSlots(asked, meta, view.by, columnSums(sums, 'column'), view.board_columns)
  const laneSlots = useSlots(asked, meta, lanes ? view.lane : undefined, columnSums(sums, 'lane'))
  const quick = useQuickAdd(app, entity, view.name, () => reload(asked))
  return (
    <div className="board-page">
      <header className="page-head board-bar">
        <div className="page-titles">
          <h1>{title}</h1>
        </div>
        <Tools app={app} meta={meta} view={view} entity={entity} lanes={lanes} />
        {entity.actions.includes('create') && (
          <Button look="primary" icon="plus" onPress={() => quick.full({})}>
            {t('common.add')}
          </Button>
        )}
      </header>
      {q.error && !q.data ? (
        <Failed error={q.error} retry={() => void q.refetch()} />
      ) : columns && laneSlots && q.data ? (
        <Board
          asked={asked}
          meta={meta}
          columns={columns}
          lanes={laneSlots}
          sums={sums}
          column={at.column}
          onColumn={(column) => go({ column })}
          onAdd={quick.add}
        />
      ) : (
        <div className="board-loading">
          <Skeleton shape="cards" rows={8} />
        </div>
      )}
      {quick.dialog}
    </div>
  )
}
