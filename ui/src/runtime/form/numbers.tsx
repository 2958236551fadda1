import { decimal } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { show } from '../../meta/record.ts'
import type { Kind } from '../../meta/types.ts'
import type { WidgetProps } from './frame.tsx'
import { percentText, readDecimal, readPercent, trim } from './text.ts'
import { Typed } from './typed.tsx'

function readInteger(typed: string): unknown {
  const text = readDecimal(typed)
  if (!text) return text
  const n = Number(text)
  return Number.isSafeInteger(n) && /^-?\d+$/.test(text) ? n : undefined
}

/** asTyped has all digits of a number: what is too long for its field is refused, not rounded. */
function asTyped(kind: Kind, text: string): string {
  if (kind === 'percent') return decimal(percentText(text))
  return decimal(text, kind === 'money' ? 2 : 0)
}

/** NumberWidget takes integers, decimals, amounts and percentages. A decimal stays the text that it is. */
export function NumberWidget(p: WidgetProps) {
  const { kind } = p.field
  const text = p.value == null ? '' : String(p.value)
  const shown = text && (p.readOnly ? show({ ...p.field, currency: undefined }, p.value) : asTyped(kind, text))
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
