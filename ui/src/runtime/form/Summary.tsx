import { useMemo } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import type { FormStore } from './store.ts'
import { useWhole } from './useForm.ts'

/** nameOf is what people call a place of a form: a field, or a field of a line. */
export function nameOf(store: FormStore, path: string): string {
  const [name = '', key, column] = path.split('/')
  const f = store.fields.get(name)
  if (!key) return label(f?.title, name)
  const row = store.lines(name).findIndex((l) => l.$key === key) + 1
  if (!column) return t('form.line', { lines: label(f?.title, name), n: row })
  const c = f?.lines?.find((x) => x.name === column)
  return t('form.lineField', { lines: label(f?.title, name), n: row, field: label(c?.title, column) })
}

/** Summary lists what is wrong with a form; each entry leads to its field. */
export function Summary({ store, lead }: { store: FormStore; lead: (path: string) => void }) {
  const errors = useWhole(store, () => JSON.stringify(store.allErrors()))
  const warnings = useWhole(store, () => store.allWarnings().join('\n'))
  const list = useMemo(() => JSON.parse(errors) as [string, string][], [errors])
  if (!store.scold && !list.some(([p]) => p === '') && !warnings) return null
  if (list.length === 0 && !warnings) return null
  return (
    <div className={`note-box form-summary ${list.length ? 'danger' : 'warn'}`} role="alert">
      <Icon name="alert" size={18} />
      <div className="grow">
        {list.length > 0 && <strong>{t('common.errorsFound', { n: list.length })}</strong>}
        <ul>
          {list.map(([path, text]) => (
            <li key={path}>
              {path === '' ? (
                text
              ) : (
                <button type="button" className="form-lead" onClick={() => lead(path)}>
                  <b>{nameOf(store, path)}</b> {text}
                </button>
              )}
            </li>
          ))}
          {warnings?.split('\n').map((w) => (
            <li key={w}>{w}</li>
          ))}
        </ul>
      </div>
    </div>
  )
}
