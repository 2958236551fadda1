import { useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Frame, type WidgetProps } from './frame.tsx'

const text = (v: unknown): string => (v == null ? '' : JSON.stringify(v, null, 2))

/** JsonWidget edits structured data as text; it is taken over once it is well formed. */
export function JsonWidget(p: WidgetProps) {
  const [typed, setTyped] = useState<string>()
  const [odd, setOdd] = useState(false)
  const take = (s: string): void => {
    setTyped(s)
    try {
      p.onChange(s.trim() === '' ? null : JSON.parse(s))
      setOdd(false)
    } catch {
      setOdd(true)
    }
  }
  return (
    <Frame p={odd ? { ...p, error: t('form.wrongJson') } : p}>
      {(tied) => (
        <textarea
          {...tied}
          className="input w-mono"
          rows={5}
          spellCheck={false}
          readOnly={p.readOnly}
          value={typed ?? text(p.value)}
          onChange={(e) => take(e.target.value)}
          onBlur={() => !odd && setTyped(undefined)}
        />
      )}
    </Frame>
  )
}
