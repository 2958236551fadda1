import { useEffect, useRef } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Frame, type WidgetProps } from './frame.tsx'
import { clean, htmlOf } from './rich.ts'

const marks = [
  ['bold', 'form.bold', 'B'],
  ['italic', 'form.italic', 'I'],
  ['underline', 'form.underline', 'U'],
  ['insertUnorderedList', 'form.bullets', '•'],
  ['insertOrderedList', 'form.numbers', '1.'],
] as const

/** RichEditor edits text with a few marks. What is pasted loses everything else. */
export function RichEditor(p: WidgetProps) {
  const box = useRef<HTMLDivElement>(null)
  const last = useRef<string>('')
  const value = p.value == null ? '' : String(p.value)
  useEffect(() => {
    if (!box.current || value === last.current) return
    last.current = value
    box.current.replaceChildren(clean(value))
  }, [value])
  const changed = (): void => {
    if (!box.current) return
    last.current = htmlOf(box.current)
    p.onChange(last.current || null)
  }
  const mark = (name: string): void => {
    box.current?.focus()
    document.execCommand(name)
    changed()
  }
  return (
    <Frame p={p} group>
      {(tied) => (
        <div className="rich">
          <div className="rich-bar" role="toolbar" aria-label={t('form.marks')}>
            {marks.map(([name, text, sign]) => (
              <button
                key={name}
                type="button"
                className="rich-btn"
                data-sign={sign}
                aria-label={t(text)}
                title={t(text)}
                onMouseDown={(e) => e.preventDefault()}
                onClick={() => mark(name)}
              />
            ))}
          </div>
          {/* biome-ignore lint/a11y/useSemanticElements: a text area holds no marks */}
          <div
            {...tied}
            aria-label={p.label}
            ref={box}
            className="rich-text"
            role="textbox"
            tabIndex={0}
            aria-multiline
            contentEditable
            suppressContentEditableWarning
            onInput={changed}
            onPaste={(e) => {
              e.preventDefault()
              const html = e.clipboardData.getData('text/html')
              const made = document.createElement('div')
              made.append(html ? clean(html) : document.createTextNode(e.clipboardData.getData('text/plain')))
              document.execCommand('insertHTML', false, made.innerHTML)
              changed()
            }}
          />
        </div>
      )}
    </Frame>
  )
}
