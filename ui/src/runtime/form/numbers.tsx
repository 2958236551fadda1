import { label, t } from '../../i18n/i18n.ts'
import { show } from '../../meta/record.ts'
import type { WidgetProps } from './frame.tsx'
import { percentText, readDecimal, readPercent, trim } from './text.ts'
import { Typed } from './typed.tsx'

function readInteger(typed: string): unknown {
  const text = readDecimal(typed)
  if (!text) return text
  const n = Number(text)
  return Number.isSafeInteger(n) && /^-?\d+$/.test(text) ? n : undefined
}

/** NumberWidget takes integers, decimals, amounts and percentages. A decimal stays the text that it is. */
export function NumberWidget(p: WidgetProps) {
  const { kind } = p.field
  const text = p.value == null ? '' : String(p.value)
  const shown = text && show({ ...p.field, currency: undefined }, kind === 'integer' ? p.value : text)
  return (
    <Typed
      p={p}
      shown={kind === 'percent' ? shown.replace(/\s*%$/, '') : shown}
      plain={kind === 'percent' ? text && percentText(text) : trim(text)}
      read={kind === 'percent' ? readPercent : kind === 'integer' ? readInteger : readDecimal}
      wrong={t(kind === 'integer' ? 'form.wrongInteger' : 'form.wrongNumber', { field: label(p.field.title, p.label) })}
      live
      input={{ inputMode: kind === 'integer' ? 'numeric' : 'decimal' }}
      className="w-number"
      after={
        kind === 'percent' ? (
          <span className="w-unit" aria-hidden>
            %
          </span>
        ) : kind === 'money' && p.currency && !p.compact ? (
          <span className="w-unit" aria-hidden>
            {p.currency}
          </span>
        ) : undefined
      }
    />
  )
}
