import { useId, useState } from 'react'
import type { Choice } from './field.tsx'
import { Finder } from './finder.tsx'

/** Combo picks one of many that are all known, by typing a part of it. */
export function Combo({
  label,
  hideLabel,
  choices,
  value,
  onChange,
}: {
  label: string
  hideLabel?: boolean
  choices: Choice[]
  value: string | null
  onChange: (id: string) => void
}) {
  const id = useId()
  const [query, setQuery] = useState('')
  const part = query.trim().toLowerCase()
  const found = choices.filter((c) => c.text.toLowerCase().includes(part))
  const chosen = choices.find((c) => c.id === value)
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? 'hidden' : 'field-label'}>
        {label}
      </label>
      <Finder
        tied={{ id }}
        name={label}
        shown={chosen?.text ?? ''}
        options={found.map((c, i) => ({ ...c, head: c.group === found[i - 1]?.group ? undefined : c.group }))}
        answered={query}
        onQuery={(q) => setQuery(q ?? '')}
        onPick={(o) => onChange(o.id)}
        selected={new Set(value === null ? [] : [value])}
      />
    </div>
  )
}
