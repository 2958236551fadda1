import { useRef } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Finder, newID, type Option } from '../../kit/finder.tsx'
import { Foot, useFound } from './found.tsx'
import { Frame, type WidgetProps } from './frame.tsx'

/** ListedWidget is a text with a list to choose from. Where the list only suggests, what is typed counts, too. */
export function ListedWidget(p: WidgetProps) {
  const found = useFound(p)
  const typed = useRef('')
  const strict = p.field.choices === 'strict'
  const search = (found.query ?? '').trim()
  const own: Option[] =
    strict || search === '' || found.options.some((o) => o.text === search)
      ? []
      : [{ id: newID, icon: 'pencil', text: t('form.useTyped', { text: search }) }]
  const take = (text: string): void => {
    typed.current = ''
    if (text !== (p.value ?? '')) p.onChange(text)
  }
  const ask = (q: string | undefined): void => {
    if (q === undefined && !strict && typed.current !== '') take(typed.current)
    typed.current = (q ?? '').trim()
    found.ask(q)
  }
  return (
    <Frame p={p}>
      {(tied) => (
        <Finder
          tied={tied}
          shown={p.value == null ? '' : String(p.value)}
          options={[...found.options, ...own]}
          answered={found.answered}
          short
          onQuery={ask}
          onPick={(o) => take(o.id === newID ? search : o.text)}
          onClear={p.required ? undefined : () => p.onChange(null)}
          onCommit={p.onCommit}
          selected={new Set(p.value ? [String(p.value)] : [])}
          readOnly={p.readOnly}
          autoFocus={p.autoFocus}
          compact={p.compact}
          foot={<Foot more={found.more} />}
        />
      )}
    </Frame>
  )
}
