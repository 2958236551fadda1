import { count } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { show } from '../../meta/record.ts'
import type { ColumnMeta } from '../../meta/types.ts'
import { Shown } from '../form/Shown.tsx'
import { isMonthly } from './cel.ts'
import type { Column } from './columns.ts'
import type { Segment } from './segment.ts'

interface GroupProps {
  index: number
  top: number
  seg: Segment
  field: ColumnMeta
  columns: Column[]
  active: boolean
}

/** GroupRow is the head of a group: its value, how many records it has, and its totals. */
export function GroupRow({ index, top, seg, field, columns, active }: GroupProps) {
  const none = seg.value === null || seg.value === undefined
  const sums = columns.filter((c) => c.total && seg.values?.[c.path] != null)
  return (
    <div role="row" aria-rowindex={index + 2} className="tv-row tv-group" style={{ transform: `translateY(${top}px)` }}>
      <div
        role="gridcell"
        aria-colindex={1}
        aria-expanded={seg.open}
        aria-colspan={columns.length + 1}
        data-row={index}
        data-col={0}
        tabIndex={active ? 0 : -1}
        className="tv-cell tv-groupcell"
      >
        <Icon name={seg.open ? 'down' : 'right'} />
        <strong className="tv-groupname">
          {none ? (
            t('common.none')
          ) : seg.name !== undefined ? (
            seg.name
          ) : isMonthly(field.kind) ? (
            String(seg.value).slice(0, 7)
          ) : (
            <Shown field={field} value={seg.value} compact />
          )}
        </strong>
        <span className="soft">{t('table.groupCount', { n: count(seg.count ?? 0) })}</span>
        {sums.map((c) => (
          <span key={c.path} className="tv-groupsum">
            <span className="soft">{label(c.title)}</span> {show(c, seg.values?.[c.path])}
          </span>
        ))}
      </div>
    </div>
  )
}
