import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Skeleton } from '../../kit/state.tsx'
import { type Cell, cellId, together } from './board.ts'
import { Card } from './Card.tsx'
import { cardsQuery } from './data.ts'
import type { Table } from './desk.ts'
import type { Item } from './useMoves.ts'

const plain: string[] = []

/** CellView is the cards of one cell, a page at a time, and where cards are dropped. */
export function CellView({ table, cell, total, name }: { table: Table; cell: Cell; total: number; name: string }) {
  const { asked, moves, held } = table
  const id = cellId(cell)
  const q = useInfiniteQuery({ ...cardsQuery(asked, cell), enabled: !asked.lanes || total > 0 })
  const { records, display, colors } = useMemo(() => together(q.data), [q.data])
  const coming = [...moves.moving.values()].filter((m) => cellId(m.to) === id)
  const staying = records
    .filter((r) => !moves.moving.has(r.id))
    .map((rec): Item => ({ rec, display, colors: colors[rec.id] ?? plain }))
  const open = held && table.accepts(cell)
  const look = held ? (open ? (held.over === id ? 'board-over' : 'board-open-to') : 'board-shut') : ''
  const loading = q.isLoading && total > 0
  return (
    <div data-drop={id} className={`board-cell ${look}`}>
      <ul className="board-list" aria-label={name}>
        {[...coming.map((m) => m.item), ...staying].map((i) => (
          <Card
            key={i.rec.id}
            desk={table.desk}
            {...i}
            saving={moves.moving.has(i.rec.id)}
            refused={moves.refused.get(i.rec.id)}
            marked={moves.marked.has(i.rec.id)}
            lifted={held?.item.rec.id === i.rec.id}
          />
        ))}
      </ul>
      {loading && <Skeleton rows={2} shape="form" />}
      {q.isError && (
        <Button size="s" icon="refresh" onPress={() => void q.refetch()}>
          {t('common.retry')}
        </Button>
      )}
      {q.hasNextPage && (
        <Button
          size="s"
          look="ghost"
          className="board-next"
          isDisabled={q.isFetchingNextPage}
          onPress={() => void q.fetchNextPage()}
        >
          {q.isFetchingNextPage
            ? t('common.loading')
            : t('board.showMore', { n: count(Math.max(0, total - records.length)) })}
        </Button>
      )}
      {!loading && !q.isError && coming.length + staying.length === 0 && !asked.lanes && (
        <p className="board-none">{t(open ? 'board.dropHere' : 'board.noCards')}</p>
      )}
    </div>
  )
}
