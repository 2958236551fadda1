import { memo } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { paletteOf, Tag } from '../../kit/tag.tsx'
import { type Display, isNumeric, type Rec, show, valueAt } from '../../meta/record.ts'
import type { ViewMeta } from '../../meta/types.ts'
import { Shown } from '../form/Shown.tsx'
import type { Desk } from './desk.ts'
import type { Item } from './useMoves.ts'

/** titleOf is what a card is called: the first column, else the record's display text. */
export function titleOf(view: ViewMeta, { rec, display }: Pick<Item, 'rec' | 'display'>): string {
  const first = view.columns?.[0]
  return (first && show(first, valueAt(rec, first.path), display)) || t('board.unnamed')
}

/** CardBody is what a card shows; it is also the picture that is dragged. */
export function CardBody({ view, item: { rec, display, colors } }: { view: ViewMeta; item: Item }) {
  const rest = (view.columns ?? []).slice(1).filter((c) => {
    const v = valueAt(rec, c.path)
    return v !== null && v !== undefined && v !== ''
  })
  const rules = (view.colors ?? []).filter((c) => colors.includes(c.name))
  return (
    <>
      {rest.length > 0 && (
        <dl className="board-values">
          {rest.map((c) => (
            <div key={c.path} className="board-pair">
              <dt>{label(c.title)}</dt>
              <dd className={isNumeric(c.kind) ? 'num' : ''}>
                <Shown field={c} value={valueAt(rec, c.path)} display={display} compact />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {rules.length > 0 && (
        <p className="board-tags">
          {rules.map((c) => (
            <Tag key={c.name} color={c.color}>
              {label(c.title, c.name)}
            </Tag>
          ))}
        </p>
      )}
    </>
  )
}

/** cardTint is the colour of the first rule that paints the whole card. */
export const cardTint = (view: ViewMeta, colors: string[]): string => {
  const rule = view.colors?.find((c) => !c.field && colors.includes(c.name))
  return rule ? `board-edge-${paletteOf(rule.color)}` : ''
}

interface CardProps {
  desk: Desk
  rec: Rec
  display: Display
  colors: string[]
  saving?: boolean
  refused?: string
  marked?: boolean
  lifted?: boolean
}

/** Card is one record on the board: opened by a click, moved by dragging, by Space and arrows, or by its menu. */
export const Card = memo(function Card({ desk, rec, display, colors, saving, refused, marked, lifted }: CardProps) {
  const { view } = desk
  const item = { rec, display, colors }
  const title = titleOf(view, item)
  const { onPointerDown, onKeyDown, onBlur } = desk.handle(item)
  const look = [
    cardTint(view, colors),
    saving && 'board-saving',
    marked && 'board-marked',
    lifted && 'board-lifted',
    refused && 'board-refused',
  ]
  return (
    <li data-card={rec.id} className={`board-card ${look.filter(Boolean).join(' ')}`} onPointerDown={onPointerDown}>
      <div className="board-top">
        <button
          type="button"
          className="board-open"
          aria-describedby="board-how"
          onClick={() => desk.open(rec.id)}
          onKeyDown={(e) => {
            onKeyDown(e)
            if (!e.defaultPrevented) desk.walk(e)
          }}
          onBlur={onBlur}
        >
          {title}
        </button>
        {marked && (
          <span className="board-news" title={t('board.justChanged')}>
            <Icon name="refresh" size={12} />
            <span className="hidden">{t('board.justChanged')}</span>
          </span>
        )}
        <span data-nodrag className="board-more">
          <Menu
            label={t('board.actionsOf', { card: title })}
            button={<IconButton size="s" icon="more" label={t('board.actionsOf', { card: title })} />}
            groups={desk.menu(item)}
          />
        </span>
      </div>
      <CardBody view={view} item={item} />
      {saving && (
        <p className="board-wait" role="status">
          {t('board.moving')}
        </p>
      )}
      {refused && (
        <div className="board-why" role="alert" data-nodrag>
          <Icon name="alert" size={14} />
          <span className="grow">{refused}</span>
          <IconButton size="s" icon="x" label={t('common.close')} onPress={() => desk.dismiss(rec.id)} />
        </div>
      )}
    </li>
  )
})
