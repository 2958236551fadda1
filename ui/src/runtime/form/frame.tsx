import { type ReactNode, useId } from 'react'
import type { Tied } from '../../kit/finder.tsx'
import type { Display } from '../../meta/record.ts'
import type { EntityMeta, FieldMeta } from '../../meta/types.ts'
import './form.css'

/** The record as it stands, for the options of references. */
export interface Standing {
  id?: string
  values: Record<string, unknown>
  line?: number
  form?: string
  /** Where the field is: "supplier", "lines.item". */
  path?: string
}

export interface WidgetProps {
  app: string
  entity: string
  field: FieldMeta
  value: unknown
  onChange: (v: unknown) => void
  onCommit?: () => void
  display?: Display
  label: string
  hideLabel?: boolean
  readOnly?: boolean
  required?: boolean
  error?: string
  hint?: string
  autoFocus?: boolean
  compact?: boolean
  /** What money is counted in. */
  currency?: string
  context?: () => Standing
  /** Learns what a chosen reference is called, so that it can be shown where the value stands. */
  onDisplay?: (d: Display) => void
  /** Takes what a choice says of other fields, too: a code may stand for a unit of an item. */
  onGiven?: (values: Record<string, unknown>) => void
}

/** Frame puts label, hint and error around an input. A plain label and input, since a form has a hundred of them. */
export function Frame({
  p,
  children,
  group,
  foot,
}: {
  p: WidgetProps
  children: (tied: Tied) => ReactNode
  /** A set of controls rather than one: named by its label. */
  group?: boolean
  foot?: ReactNode
}) {
  const id = useId()
  const tied: Tied = {
    id,
    'aria-label': p.hideLabel ? p.label : undefined,
    'aria-describedby': [p.hint && `${id}-h`, p.error && `${id}-e`].filter(Boolean).join(' ') || undefined,
    'aria-invalid': p.error ? true : undefined,
    'aria-required': p.required ? true : undefined,
  }
  if (p.compact && p.hideLabel) return <div className="w w-compact">{children(tied)}</div>
  const named = group && {
    role: 'group',
    ...(p.hideLabel ? { 'aria-label': p.label } : { 'aria-labelledby': `${id}-l` }),
  }
  const head = `field-label ${p.required && !p.readOnly ? 'field-star' : ''}`
  return (
    <div className={`field w ${p.compact ? 'w-compact' : ''}`} {...named}>
      {!p.hideLabel &&
        (group ? (
          <span id={`${id}-l`} className={head}>
            {p.label}
          </span>
        ) : (
          <label id={`${id}-l`} htmlFor={id} className={head}>
            {p.label}
          </label>
        ))}
      {children(tied)}
      {foot}
      {p.hint && (
        <span id={`${id}-h`} className="field-hint">
          {p.hint}
        </span>
      )}
      {p.error && (
        <span id={`${id}-e`} className="field-error">
          {p.error}
        </span>
      )}
    </div>
  )
}

/** mayCreate is true where the person may make a new record of an entity. */
export const mayCreate = (e: EntityMeta | undefined): boolean => !!e?.actions.includes('create')
