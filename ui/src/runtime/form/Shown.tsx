import { lazy, memo, Suspense } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { Avatar, Tag } from '../../kit/tag.tsx'
import { type Display, isNumeric, optionOf, show } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { durationSeconds } from './dates.ts'
import { FileName, Thumb } from './files.tsx'
import { plainOf, safeLink } from './rich.ts'
import './form.css'

const RichText = lazy(() => import('./RichText.tsx').then((m) => ({ default: m.RichText })))

/** What must be known of a field to show its value: a field, or a column of a view. */
export type ShownField = Pick<FieldMeta, 'kind' | 'scale' | 'options' | 'target' | 'masked'> & { currency?: string }

export interface ShownProps {
  field: ShownField
  value: unknown
  display?: Display
  /** One line, small pictures, no links: for cells. */
  compact?: boolean
  /** Where a reference leads. */
  /** undefined where nothing can be opened: lines have no page of their own */
  hrefOf?: (target: string, id: string) => string | undefined
}

/** length writes a length of time in words. */
export function length(text: string): string {
  const n = durationSeconds(text)
  if (n === undefined) return text
  const parts: [number, 'form.hours' | 'form.minutes' | 'form.seconds'][] = [
    [Math.floor(n / 3600), 'form.hours'],
    [Math.floor((n % 3600) / 60), 'form.minutes'],
    [n % 60, 'form.seconds'],
  ]
  const said = parts.filter(([x]) => x > 0).map(([x, key]) => t(key, { n: x }))
  return said.join(' ') || t('form.minutes', { n: 0 })
}

function Named({ id, p }: { id: string; p: ShownProps }) {
  const text = p.display?.[id]
  if (text === undefined) return <span className="shown-hidden">{p.display ? t('form.hidden') : '\u2026'}</span>
  if (p.field.kind === 'user')
    return (
      <span className="shown-person">
        <Avatar name={text} size={20} />
        <span className="shown-text">{text}</span>
      </span>
    )
  const href = !p.compact && p.field.target ? p.hrefOf?.(p.field.target, id) : undefined
  if (!href) return <span className="shown-text">{text}</span>
  return <a href={href}>{text}</a>
}

function Many({ list, p }: { list: string[]; p: ShownProps }) {
  return (
    <span className="shown-many">
      {list.map((id) => (
        <Named key={id} id={id} p={p} />
      ))}
    </span>
  )
}

function inner(p: ShownProps) {
  const { field, value, compact } = p
  switch (field.kind) {
    case 'boolean':
      return (
        <span className="shown-bool">
          <Icon name={value ? 'check' : 'x'} size={14} className={value ? 'shown-yes' : 'shown-no'} />
          <span className={compact ? 'hidden' : ''}>{t(value ? 'common.yes' : 'common.no')}</span>
        </span>
      )
    case 'choice': {
      const o = optionOf(field, value)
      return <Tag color={o?.color}>{label(o?.title, String(value))}</Tag>
    }
    case 'choices':
      return (
        <span className="shown-many">
          {(value as string[]).map((v) => (
            <Tag key={v} color={optionOf(field, v)?.color}>
              {label(optionOf(field, v)?.title, v)}
            </Tag>
          ))}
        </span>
      )
    case 'reference':
    case 'tree':
    case 'user':
    case 'department':
      return <Named id={String(value)} p={p} />
    case 'references':
      return <Many list={value as string[]} p={p} />
    case 'image':
      return (
        <span className="shown-many">
          {(value as string[]).slice(0, compact ? 3 : undefined).map((id) => (
            <Thumb key={id} id={id} size={compact ? 24 : 72} />
          ))}
        </span>
      )
    case 'file':
      if (compact)
        return (
          <span className="shown-person">
            <Icon name="paperclip" size={14} />
            {(value as string[]).length}
          </span>
        )
      return (
        <span className="shown-many">
          {(value as string[]).map((id) => (
            <FileName key={id} id={id} name={p.display?.[id]} />
          ))}
        </span>
      )
    case 'duration':
      return <span>{length(String(value))}</span>
    case 'email':
      return compact ? String(value) : <a href={`mailto:${encodeURIComponent(String(value))}`}>{String(value)}</a>
    case 'phone':
      return compact ? String(value) : <a href={`tel:${encodeURIComponent(String(value))}`}>{String(value)}</a>
    case 'link':
      return compact || !safeLink(String(value)) ? (
        String(value)
      ) : (
        <a href={String(value)} target="_blank" rel="noreferrer noopener nofollow">
          {String(value)}
        </a>
      )
    case 'richtext':
      return compact ? (
        plainOf(String(value))
      ) : (
        <Suspense fallback={null}>
          <RichText html={String(value)} />
        </Suspense>
      )
    case 'longtext':
      return <span className={compact ? '' : 'shown-long'}>{String(value)}</span>
    case 'json':
      return compact ? JSON.stringify(value) : <pre className="shown-json">{JSON.stringify(value, null, 2)}</pre>
    default:
      return <>{show(field, value, p.display)}</>
  }
}

/** Shown is a value to read. */
export const Shown = memo(function Shown(p: ShownProps) {
  const { value, field } = p
  if (field.masked && typeof value === 'string' && value !== '') return <span className="shown-masked">{value}</span>
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return p.compact ? null : <span className="shown-none">{'\u2013'}</span>
  return (
    <span
      className={`shown ${isNumeric(field.kind) ? 'shown-num' : ''} ${p.compact ? 'shown-compact' : ''}`}
      dir="auto"
    >
      {inner(p)}
    </span>
  )
})
