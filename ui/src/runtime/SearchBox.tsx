import { useEffect, useRef, useState } from 'react'
import { Button, Input, SearchField } from 'react-aria-components'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import './search.css'

const pause = 300 // milliseconds after the last key until it is searched

/** SearchBox looks for what is typed once the typing pauses. */
export function SearchBox({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => setText(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const later = (next: string): void => {
    setText(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onSearch(next.trim()), pause)
  }
  const atOnce = (next: string): void => {
    clearTimeout(timer.current)
    onSearch(next.trim())
  }
  return (
    <SearchField
      className="find"
      aria-label={t('common.search')}
      value={text}
      onChange={later}
      onSubmit={atOnce}
      onClear={() => atOnce('')}
    >
      <Icon name="search" />
      <Input className="find-input" placeholder={t('common.search')} />
      {text && (
        <Button className="find-clear" aria-label={t('common.clear')}>
          <Icon name="x" size={14} />
        </Button>
      )}
    </SearchField>
  )
}
