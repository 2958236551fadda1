import { Link } from '@tanstack/react-router'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { count } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/check.tsx'
import { Menu } from '../../kit/menu.tsx'
import { paletteOf } from '../../kit/tag.tsx'
import { show } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { Shown } from '../form/Shown.tsx'
import { CellText, repeats, Words } from './Cell.tsx'
import { type Column, cellValue, entryFacts, factsOf } from './columns.ts'
import type { Model } from './model.ts'
import type { Totals } from './question.ts'
import type { SortKey } from './state.ts'
import type { useActs } from './useActs.tsx'

interface Props {
  app: string
  view: ViewMeta
  entity: EntityMeta
  columns: Column[]
  model: Model
  totals: Totals
  acts: ReturnType<typeof useActs>
  sort: SortKey[]
  onSort: (keys: SortKey[]) => void
}

const page = 30

const empty = (v: unknown): boolean => v === null || v === undefined || v === '' || (Array.isArray(v) && v.length === 0)

/** titleOf is the column that a card is headed by: what the record is called, else the first. */
function titleOf(columns: Column[], entity: EntityMeta): Column | undefined {
  return columns.find((c) => c.path === entity.display) ?? columns[0]
}

/** SortMenu puts the cards in the order of a column; the same column again turns it around. */
function SortMenu({ columns, sort, onSort }: Pick<Props, 'columns' | 'sort' | 'onSort'>) {
  const [now] = sort
  const field = columns.find((c) => c.path === now?.field)
  return (
    <Menu
      label={t('table.sort')}
      button={
        <Button size="s" look="ghost" icon={now?.desc ? 'down' : 'up'}>
          {field ? label(field.title) : t('table.sort')}
        </Button>
      }
      groups={[
        {
          id: 'fields',
          title: t('table.sort'),
          entries: columns
            .filter((c) => c.sortable)
            .map((c) => ({
              id: c.path,
              text: label(c.title),
              checked: c === field,
              act: () => onSort([{ field: c.path, desc: c === field && !now?.desc }]),
            })),
        },
      ]}
    />
  )
}

/** Cards shows records on a phone: what each is called, a few facts, and what its colours mean. */
export function Cards({ app, view, entity, columns, model, totals, acts, sort, onSort }: Props) {
  useSyncExternalStore(model.subscribe, () => model.stamp)
  const [most, setMost] = useState(page)
  useEffect(() => model.need(0, most), [model, most])
  const head = titleOf(columns, entity)
  const choices = columns.filter((c) => c.kind === 'choice' && c !== head)
  const states = choices
    .filter((c) => c.path === entity.state_field)
    .concat(choices)
    .slice(0, 1)
  const rest = columns.filter((c) => c !== head && !states.includes(c))
  const shown = model.segments.flatMap((s) => s.head.map((rec) => ({ rec, s })))
  const total = totals.count ?? model.length
  const tick = (id: string, on: boolean): void => {
    const next = new Set(acts.checked)
    if (on) next.add(id)
    else next.delete(id)
    acts.setChecked(next)
  }
  let group = ''
  return (
    <div className="tv-cards">
      <div className="tv-cardsort">
        <SortMenu columns={columns} sort={sort} onSort={onSort} />
      </div>
      <ul>
        {shown.slice(0, most).map(({ rec, s }) => {
          const rules = (view.colors ?? []).filter((c) => model.colors.get(rec.id)?.includes(c.name))
          const words = rules.filter((r) => !states.some((c) => repeats(r, c, rec)))
          const own = entity.kept === 'entry' ? entryFacts(rest, rec) : factsOf(rest, rec)
          const opens = model.grouped && s.key !== group
          group = s.key
          return (
            <li key={rec.id}>
              {opens && (
                <h2 className="tv-cardgroup">
                  {s.name ?? (empty(s.value) ? t('common.none') : String(s.value))}{' '}
                  <span className="soft">{count(s.count ?? 0)}</span>
                </h2>
              )}
              <div className="tv-cardbox">
                <span className="tv-cardtick">
                  <Checkbox
                    aria-label={t('table.tick', {
                      name: head ? show(head, cellValue(rec, head), model.display) : rec.id,
                    })}
                    isSelected={acts.checked.has(rec.id)}
                    onChange={(on) => tick(rec.id, on)}
                  />
                </span>
                <Link
                  to="/a/$app/r/$entity/$id"
                  params={{ app, entity: view.entity, id: rec.id }}
                  search={{ view: view.name }}
                  className={`tv-card ${rules[0] ? `tv-edge-${paletteOf(rules[0].color)}` : ''} ${model.marks.has(rec.id) ? 'tv-changed' : ''}`}
                >
                  <span className="tv-cardhead">
                    <strong>{head && <CellText column={head} rec={rec} display={model.display} />}</strong>
                    {states.map((c) => (
                      <Shown key={c.path} field={c} value={cellValue(rec, c)} compact />
                    ))}
                  </span>
                  <span className="tv-facts">
                    {own.map((c) => (
                      <span key={c.path} className="tv-fact">
                        <span className="soft">{label(c.title)}</span>
                        <CellText column={c} rec={rec} display={model.display} />
                      </span>
                    ))}
                  </span>
                  {words.length > 0 && (
                    <span className="tv-cardwords">
                      <Words rules={words} />
                    </span>
                  )}
                </Link>
              </div>
            </li>
          )
        })}
      </ul>
      <p className="tv-cardsfoot">
        <span className="soft">
          {t('table.shown', { n: count(Math.min(most, shown.length)), total: count(total) })}
        </span>
        {most < total && <Button onPress={() => setMost(most + page)}>{t('table.loadMore')}</Button>}
      </p>
    </div>
  )
}
