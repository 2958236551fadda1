import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Tag } from '../../kit/tag.tsx'
import { show } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import type { Slot, Sum } from './board.ts'

/** isOver is true where a column holds more than it should. */
export const isOver = (slot: Slot, sum: Sum | undefined): boolean => !!slot.limit && (sum?.count ?? 0) > slot.limit

/** ColumnHead is what a column is called, how many cards it has (of how many it should), and their total. */
export function ColumnHead({
  slot,
  sum,
  adds,
  currency,
  onAdd,
}: {
  slot: Slot
  sum: Sum | undefined
  adds: FieldMeta | undefined
  currency: string
  onAdd?: () => void
}) {
  const over = isOver(slot, sum)
  const n = count(sum?.count ?? 0)
  return (
    <div className="board-head">
      <h2 className="board-name">{slot.color ? <Tag color={slot.color}>{slot.title}</Tag> : slot.title}</h2>
      <span className={`board-count ${over ? 'board-many' : ''}`}>
        {over && <Icon name="warning" size={13} />}
        <span aria-hidden>{slot.limit ? `${n} / ${count(slot.limit)}` : n}</span>
        <span className="hidden">
          {slot.limit ? t('board.countOf', { n, limit: count(slot.limit) }) : t('board.cards', { n })}
        </span>
        {over && <span className="board-over-text">{t('board.overLimit')}</span>}
      </span>
      <span className="grow" />
      {adds && sum?.sum !== undefined && (
        <span className="board-sum num">
          {show({ ...adds, currency: adds.kind === 'money' ? currency : undefined }, sum.sum)}
        </span>
      )}
      {onAdd && <IconButton size="s" icon="plus" label={t('board.addTo', { column: slot.title })} onPress={onAdd} />}
    </div>
  )
}
