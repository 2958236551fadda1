import { useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { TextField } from '../kit/field.tsx'

type Pair = [name: string, value: string]

/** Attributes edits what rules know of a person, as pairs of name and value. */
export function Attributes({
  value,
  onChange,
  error,
}: {
  value: Record<string, string>
  onChange: (v: Record<string, string>) => void
  error?: string
}) {
  const [pairs, setPairs] = useState<Pair[]>(Object.entries(value))
  const put = (next: Pair[]): void => {
    setPairs(next)
    onChange(Object.fromEntries(next.filter(([name]) => name.trim() !== '').map(([n, v]) => [n.trim(), v])))
  }
  const set = (i: number, pair: Pair): void => put(pairs.map((p, at) => (at === i ? pair : p)))
  return (
    <fieldset className="admin-set">
      <legend>{t('admin.attributes')}</legend>
      {pairs.map(([name, text], i) => (
        <div key={i} className="admin-pair">
          <TextField
            label={t('admin.attributeName')}
            hideLabel
            placeholder={t('admin.attributeName')}
            value={name}
            onChange={(n) => set(i, [n, text])}
          />
          <TextField
            label={t('admin.attributeValue')}
            hideLabel
            placeholder={t('admin.attributeValue')}
            value={text}
            onChange={(v) => set(i, [name, v])}
          />
          <IconButton icon="x" label={t('common.remove')} onPress={() => put(pairs.filter((_, at) => at !== i))} />
        </div>
      ))}
      {error && <p className="field-error">{error}</p>}
      <Button size="s" icon="plus" onPress={() => setPairs([...pairs, ['', '']])}>
        {t('admin.attributeAdd')}
      </Button>
      <p className="field-hint">{t('admin.attributesHint')}</p>
    </fieldset>
  )
}
