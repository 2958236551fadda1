import { type DragEvent, useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/check.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Icon } from '../../kit/icon.tsx'
import type { AppMeta, ViewMeta } from '../../meta/types.ts'
import { chosen, leastWidth, mostWidth } from './columns.ts'
import type { ColumnChoice, TableState } from './state.ts'

interface Props {
  meta: AppMeta
  view: ViewMeta
  state: TableState
  change: (s: Partial<TableState>) => void
  onClose: () => void
}

/** Chooser says which columns are shown, in which order, and how wide. */
export function Chooser({ meta, view, state, change, onClose }: Props) {
  const list = chosen(meta, view, state.columns)
  const [dragged, setDragged] = useState<string>()
  const put = (next: typeof list): void =>
    change({
      columns: next.map((c): ColumnChoice => ({ path: c.path, hidden: c.hidden || undefined, width: c.width })),
    })
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= list.length || from === to) return
    const next = list.toSpliced(from, 1)
    put(next.toSpliced(to, 0, list[from]!))
  }
  const over = (e: DragEvent, at: number): void => {
    const from = list.findIndex((c) => c.path === dragged)
    if (from < 0) return
    e.preventDefault()
    move(from, at)
  }
  return (
    <Dialog
      title={t('table.columnsTitle')}
      open
      look="side"
      onClose={onClose}
      foot={
        <>
          <Button icon="restore" onPress={() => change({ columns: [] })}>
            {t('table.resetColumns')}
          </Button>
          <Button look="primary" onPress={onClose}>
            {t('common.done')}
          </Button>
        </>
      }
    >
      <p className="soft">{t('table.columnsHint')}</p>
      <ul className="tv-chooser">
        {list.map((c, i) => {
          const name = label(c.title)
          return (
            <li
              key={c.path}
              draggable
              className={dragged === c.path ? 'tv-dragged' : ''}
              onDragStart={() => setDragged(c.path)}
              onDragEnd={() => setDragged(undefined)}
              onDragOver={(e) => over(e, i)}
            >
              <Icon name="grip" className="tv-handle" />
              <Checkbox
                isSelected={!c.hidden}
                aria-label={t('table.showColumn', { column: name })}
                onChange={(on) => put(list.map((x) => (x.path === c.path ? { ...x, hidden: !on } : x)))}
              >
                <span className="tv-columnname">{name}</span>
              </Checkbox>
              <span className="grow" />
              <input
                className="input tv-width"
                type="number"
                inputMode="numeric"
                min={leastWidth}
                max={mostWidth}
                step={10}
                aria-label={t('table.columnWidth', { column: name })}
                value={c.width ?? ''}
                onChange={(e) => {
                  const width = e.target.value ? Number(e.target.value) : undefined
                  put(list.map((x) => (x.path === c.path ? { ...x, width } : x)))
                }}
              />
              <IconButton
                size="s"
                icon="up"
                label={`${t('common.moveUp')}: ${name}`}
                isDisabled={i === 0}
                onPress={() => move(i, i - 1)}
              />
              <IconButton
                size="s"
                icon="down"
                label={`${t('common.moveDown')}: ${name}`}
                isDisabled={i === list.length - 1}
                onPress={() => move(i, i + 1)}
              />
            </li>
          )
        })}
      </ul>
    </Dialog>
  )
}
