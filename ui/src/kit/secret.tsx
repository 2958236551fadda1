import { useRef, useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { Button } from './button.tsx'
import { copyText } from './copy.ts'
import './secret.css'

/** Secret shows a text that is shown once, to be copied. Where the browser may not copy, it is selected instead. */
export function Secret({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const copy = async (): Promise<void> => {
    const done = await copyText(text)
    field.current?.select()
    setCopied(done)
  }
  return (
    <div className="secret">
      <input ref={field} className="input secret-text" readOnly value={text} aria-label={label} spellCheck={false} />
      <Button icon={copied ? 'check' : 'copy'} onPress={() => void copy()}>
        {t(copied ? 'common.copied' : 'common.copy')}
      </Button>
    </div>
  )
}
