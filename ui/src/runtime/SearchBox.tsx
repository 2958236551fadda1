import { useEffect, useMemo, useRef, useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { type Command, useCommands } from '../shell/commands.ts'
import './search.css'

const pause = 300 // milliseconds after the last key until it is searched

/** SearchBox looks for what is typed once the typing pauses. */
export function SearchBox({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value)
  const box = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => setText(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  useCommands(
    useMemo<Command[]>(
      () => [
        { id: 'find', text: t('shell.shortcutSearch'), icon: 'search', keys: '/', act: () => box.current?.focus() },
      ],
      [],
    ),
  )
  const later = (next: string): void => {
    setText(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onSearch(next.trim()), pause)
  }
  const atOnce = (next: string): void => {
    clearTimeout(timer.current)
    onSearch(next.trim())
  }
  const clear = (): void => {
    setText('')
    atOnce('')
    box.current?.focus()
  }
  return (
    <div className="find">
      <Icon name="search" />
      <input
        ref={box}
        type="search"
        className="find-input"
        aria-label={t('common.search')}
        placeholder={t('common.search')}
        autoComplete="off"
        value={text}
        onChange={(e) => later(e.target.value)}
        onKeyDown={(e) => {
          if (e.nativeEvent.isComposing) return
          if (e.key === 'Enter') atOnce(text)
          if (e.key === 'Escape' && text) clear()
        }}
      />
      {text && (
        <button type="button" className="find-clear" aria-label={t('common.clear')} onClick={clear}>
          <Icon name="x" size={14} />
        </button>
      )}
    </div>
  )
}
