import { useState } from 'react'
import type { Operand, Operator } from '../../cel/conditions.ts'
import { t } from '../../i18n/i18n.ts'
import { Select, TextField } from '../../kit/field.tsx'
import type { Display } from '../../meta/record.ts'
import type { FieldMeta, Kind } from '../../meta/types.ts'
import { Widget } from '../form/Widget.tsx'

interface Props {
  app: string
  entity: string
  field: FieldMeta
  op: Operator
  value: Operand | undefined
  names: Display
  onChange: (v: Operand | undefined) => void
}

const numbers: ReadonlySet<Kind> = new Set<Kind>(['integer', 'decimal', 'money', 'percent'])

/** operandOf reads what a widget gives as an operand. */
function operandOf(kind: Kind, v: unknown): Operand | undefined {
  if (v === null || v === undefined || v === '') return undefined
  if (Array.isArray(v)) return { type: 'list', items: v.map((x) => ({ type: 'text', text: String(x) })) }
  if (numbers.has(kind)) return { type: 'number', text: String(v) }
  if (kind === 'date' || kind === 'datetime') return { type: kind, text: String(v) }
  return { type: 'text', text: String(v) }
}

/** plain is what a widget shows of an operand. */
function plain(v: Operand | undefined): unknown {
  if (!v) return null
  if (v.type === 'list') return v.items.map(plain)
  if (v.type === 'bool') return v.value
  return 'text' in v ? v.text : null
}

/** ValueEditor is the value of a row: the field's own widget, and for dates and people also what moves with time and
 * person. */
export function ValueEditor(p: Props) {
  const { kind } = p.field
  if (kind === 'date') return <Day {...p} />
  if (kind === 'user') return <Person {...p} />
  return <Fixed {...p} />
}

function Fixed({ app, entity, field, op, value, names, onChange }: Props) {
  // What is compared with is one option, or several; never a field that must be filled in or can't be written.
  const many = op === 'in' || op === 'notIn'
  const kind: Kind =
    many && field.kind === 'choice'
      ? 'choices'
      : !many && field.kind === 'choices'
        ? 'choice'
        : field.kind === 'number' || field.kind === 'longtext' || field.kind === 'barcode'
          ? 'text'
          : field.kind
  const asked: FieldMeta = { ...field, kind, required: false, computed: false, writable: true }
  return (
    <Widget
      app={app}
      entity={entity}
      field={asked}
      value={plain(value)}
      display={names}
      label={t('filter.value')}
      hideLabel
      compact
      onChange={(v) => onChange(operandOf(kind, v))}
    />
  )
}

function Day(p: Props) {
  const { value, onChange } = p
  const mode = value?.type !== 'today' ? 'exact' : value.days === 0 ? 'today' : value.days < 0 ? 'ago' : 'ahead'
  const [days, setDays] = useState(value?.type === 'today' && value.days !== 0 ? String(Math.abs(value.days)) : '30')
  const put = (m: string, n: string): void => {
    if (m === 'exact') {
      onChange(undefined)
      return
    }
    const whole = Math.min(Number.parseInt(n, 10) || 0, 36_500)
    onChange({ type: 'today', days: m === 'today' ? 0 : m === 'ago' ? -whole : whole })
  }
  const choices = [
    { id: 'exact', text: t('filter.exactDay') },
    { id: 'today', text: t('filter.today') },
    { id: 'ago', text: t('filter.daysAgo') },
    { id: 'ahead', text: t('filter.daysAhead') },
  ]
  return (
    <div className="filter-day">
      <Select label={t('filter.by')} hideLabel choices={choices} value={mode} onChange={(m) => put(m, days)} />
      {mode === 'exact' && <Fixed {...p} />}
      {(mode === 'ago' || mode === 'ahead') && (
        <TextField
          label={t('filter.days')}
          hideLabel
          inputMode="numeric"
          value={days}
          onChange={(n) => {
            const digits = n.replace(/\D/g, '').slice(0, 5)
            setDays(digits)
            put(mode, digits)
          }}
        />
      )}
    </div>
  )
}

function Person(p: Props) {
  const me = p.value?.type === 'me'
  const choices = [
    { id: 'me', text: t('filter.me') },
    { id: 'other', text: t('filter.person') },
  ]
  return (
    <div className="filter-day">
      <Select
        label={t('filter.value')}
        hideLabel
        choices={choices}
        value={me ? 'me' : 'other'}
        onChange={(m) => p.onChange(m === 'me' ? { type: 'me' } : undefined)}
      />
      {!me && <Fixed {...p} />}
    </div>
  )
}
