import { useRef, useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import type { FieldMeta } from '../../meta/types.ts'
import { ScanButton } from './codes.tsx'
import type { FormContext } from './FormField.tsx'
import { change, increment, isBlank, newLine } from './lines.ts'
import { askOptions } from './options.ts'

const counting: ReadonlySet<string> = new Set(['decimal', 'integer'])

/** ScanBar takes one code after another: what is in the lines already counts up, what isn't is added. */
export function ScanBar({
  ctx,
  field,
  columns,
}: {
  ctx: FormContext
  field: FieldMeta
  columns: { path: string; field: FieldMeta }[]
}) {
  const [code, setCode] = useState('')
  const [said, setSaid] = useState('')
  const queue = useRef<Promise<void>>(Promise.resolve())
  const item = columns.find((c) => c.field.kind === 'reference' && c.field.writable && c.field.required)?.field
  const qty = columns.find(
    (c) => counting.has(c.field.kind) && c.field.writable && /qty|quantity|count/.test(c.path),
  )?.field
  if (!item || !qty) return null
  const { store } = ctx

  const put = (id: string): string => {
    const rows = store.lines(field.name)
    const same = rows.find((l) => l[item.name] === id)
    if (same) {
      store.setLines(field.name, increment(rows, same.$key, qty.name))
      return String(store.lines(field.name).find((l) => l.$key === same.$key)?.[qty.name] ?? '')
    }
    const first = qty.kind === 'integer' ? 1 : '1'
    const blank = rows.find(isBlank)
    const next = blank
      ? change(change(rows, blank.$key, item.name, id), blank.$key, qty.name, first)
      : [...rows, newLine({ [item.name]: id, [qty.name]: first })]
    store.setLines(field.name, next)
    return '1'
  }
  const take = async (text: string): Promise<void> => {
    const at = {
      id: store.base?.id,
      values: store.patch(true).values,
      form: ctx.form,
      path: `${field.name}.${item.name}`,
    }
    const { options } = await askOptions(ctx.app, store.entity.name, item.name, text, at, undefined, 2)
    const found = options[0]
    if (!found) {
      setSaid(t('form.scanUnknown', { code: text }))
      return
    }
    store.learn({ [found.id]: found.display })
    setSaid(t('form.scanned', { item: found.display, n: put(found.id) }))
    ctx.changed()
  }
  const scan = (text: string): void => {
    const s = text.trim()
    setCode('')
    if (s) queue.current = queue.current.then(() => take(s)).catch(toastProblem)
  }
  return (
    <div className="scan">
      <span className="scan-said" role="status">
        {said}
      </span>
      <span className="scan-box">
        <Icon name="barcode" />
        <input
          className="input"
          aria-label={t('form.scanInto', { item: label(item.title) })}
          placeholder={t('form.scanInto', { item: label(item.title) })}
          value={code}
          autoComplete="off"
          onChange={(e) => setCode(e.target.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter' || e.nativeEvent.isComposing) return
            e.preventDefault()
            scan(e.currentTarget.value)
          }}
        />
      </span>
      <ScanButton onCode={scan} />
    </div>
  )
}
