import { useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Finder, type Option } from '../../kit/finder.tsx'
import { Icon } from '../../kit/icon.tsx'
import { paletteOf } from '../../kit/tag.tsx'
import { optionOf } from '../../meta/record.ts'
import { Frame, type WidgetProps } from './frame.tsx'

function optionsOf(p: WidgetProps, query: string, keep: ReadonlySet<string>): Option[] {
  const q = query.trim().toLowerCase()
  return (p.field.options ?? [])
    .filter((o) => !o.retired || keep.has(o.name))
    .map((o) => ({ id: o.name, text: label(o.title, o.name), color: o.color ?? '', retired: o.retired }))
    .filter((o) => q === '' || o.text.toLowerCase().includes(q) || o.id.toLowerCase().startsWith(q))
}

/** Chip is one of several values, with a way to take it out. */
export function Chip({ text, color, onRemove }: { text: string; color?: string; onRemove?: () => void }) {
  return (
    <span className={`chip tint-${paletteOf(color)}`}>
      <span className="chip-text">{text}</span>
      {onRemove && (
        <button type="button" className="chip-x" aria-label={`${t('common.remove')}: ${text}`} onClick={onRemove}>
          <Icon name="x" size={12} />
        </button>
      )}
    </span>
  )
}

/** ChoiceWidget picks one of the options of a field. */
export function ChoiceWidget(p: WidgetProps) {
  const [query, setQuery] = useState<string>()
  const now = p.value == null ? '' : String(p.value)
  const chosen = optionOf(p.field, now)
  return (
    <Frame p={p}>
      {(tied) => (
        <Finder
          tied={tied}
          shown={now && label(chosen?.title, now)}
          options={optionsOf(p, query ?? '', new Set([now]))}
          answered={query ?? ''}
          short
          onQuery={setQuery}
          onPick={(o) => p.onChange(o.id)}
          onClear={p.required ? undefined : () => p.onChange(null)}
          onCommit={p.onCommit}
          selected={new Set([now])}
          readOnly={p.readOnly}
          autoFocus={p.autoFocus}
          compact={p.compact}
          before={
            now && query === undefined ? (
              <span className={`combo-dot tint-${paletteOf(chosen?.color)}`} aria-hidden />
            ) : undefined
          }
        />
      )}
    </Frame>
  )
}

/** ChoicesWidget picks several. */
export function ChoicesWidget(p: WidgetProps) {
  const [query, setQuery] = useState<string>()
  const list = (p.value as string[] | null) ?? []
  const set = new Set(list)
  const put = (next: string[]): void => p.onChange(next)
  return (
    <Frame p={p}>
      {(tied) => (
        <Finder
          tied={tied}
          shown=""
          many
          options={optionsOf(p, query ?? '', set)}
          answered={query ?? ''}
          onQuery={setQuery}
          onPick={(o) => put(set.has(o.id) ? list.filter((x) => x !== o.id) : [...list, o.id])}
          onBack={() => put(list.slice(0, -1))}
          selected={set}
          readOnly={p.readOnly}
          autoFocus={p.autoFocus}
          compact={p.compact}
          before={list.map((x) => {
            const o = optionOf(p.field, x)
            const remove = p.readOnly ? undefined : () => put(list.filter((y) => y !== x))
            return <Chip key={x} text={label(o?.title, x)} color={o?.color} onRemove={remove} />
          })}
        />
      )}
    </Frame>
  )
}
