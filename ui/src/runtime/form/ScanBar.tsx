import { type RefObject, useEffect, useRef, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import { entityOf, fieldOf } from '../../meta/find.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { ScanButton } from './codes.tsx'
import type { FormContext } from './FormField.tsx'
import { askOptions, type FoundOption, given } from './options.ts'
import { type ScanColumn, scanned, take } from './scan.ts'
import { trim } from './text.ts'

// A scanner types into whatever has the focus. What it types where nothing has it would be lost: the box takes it.
function useStray(box: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const hear = (e: KeyboardEvent): void => {
      if (e.ctrlKey || e.metaKey || e.altKey || !/^[0-9A-Za-z-]$/.test(e.key)) return
      if (document.activeElement === document.body && !document.querySelector('[role="dialog"]')) box.current?.focus()
    }
    window.addEventListener('keydown', hear)
    return () => window.removeEventListener('keydown', hear)
  }, [box])
}

/** ScanBar takes one code after another, from a scanner, the camera or by hand: what is in the lines already counts up,
 * what isn't is added. It is there where lines are about what bears codes. */
export function ScanBar({ ctx, field, columns }: { ctx: FormContext; field: FieldMeta; columns: ScanColumn[] }) {
  const meta = useMeta(ctx.app)
  const [code, setCode] = useState('')
  const [said, setSaid] = useState('')
  const box = useRef<HTMLInputElement>(null)
  useStray(box)
  const queue = useRef<Promise<void>>(Promise.resolve())
  const what = scanned(meta, columns)
  if (!what) return null
  const { store } = ctx

  const say = (o: FoundOption, at: number, count: string | undefined): string => {
    if (count !== undefined) {
      const unit = Object.values(given(o.set).display)
      return t('form.scanned', { item: o.display, n: [trim(count), ...unit].join(' ') })
    }
    const target = entityOf(meta, what.ref.target ?? '')
    const lines = o.via && target && fieldOf(target, o.via.field)
    if (lines && !o.set)
      return t('form.scannedPart', { item: o.display, lines: label(lines.title, lines.name), n: at + 1 })
    return t('form.scannedLine', { item: o.display, n: at + 1 })
  }
  const find = async (text: string): Promise<void> => {
    const path = `${field.name}.${what.ref.name}`
    const at = { id: store.base?.id, values: store.patch(true).values, form: ctx.form, path }
    const { options } = await askOptions(ctx.app, store.entity.name, what.ref.name, text, at, undefined, 2)
    const [found] = options
    if (!found) return setSaid(t('form.scanUnknown', { code: text }))
    store.learn({ [found.id]: found.display, ...given(found.set).display })
    const before = store.lines(field.name)
    const done = take(before, what, found)
    if (done.rows !== before) {
      store.setLines(field.name, done.rows)
      ctx.changed()
    }
    setSaid(say(found, done.at, done.count))
  }
  const scan = (text: string): void => {
    const s = text.trim()
    setCode('')
    if (s) queue.current = queue.current.then(() => find(s)).catch(toastProblem)
  }
  const name = t('form.scanInto', { item: label(what.ref.title) })
  return (
    <div className="scan">
      <span className="scan-said" role="status">
        {said}
      </span>
      <span className="scan-box">
        <Icon name="barcode" />
        <input
          ref={box}
          className="input"
          aria-label={name}
          placeholder={name}
          value={code}
          autoComplete="off"
          enterKeyHint="done"
          onChange={(e) => setCode(e.target.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter' || e.nativeEvent.isComposing) return
            e.preventDefault()
            scan(e.currentTarget.value)
          }}
        />
      </span>
      {code.trim() !== '' && <Button onPress={() => scan(code)}>{t('common.add')}</Button>}
      <ScanButton onCode={scan} said={said} />
    </div>
  )
}
