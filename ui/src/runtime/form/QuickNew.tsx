import { useEffect, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { call } from '../../api/client.ts'
import { problemOf } from '../../api/problem.ts'
import { entityPath, verbPath } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import { entityOf, isSystem } from '../../meta/find.ts'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta } from '../../meta/types.ts'
import type { Answer } from './answer.ts'
import { type Ask, Evaluator } from './evaluator.ts'
import { Shown } from './Shown.tsx'
import { FormStore } from './store.ts'
import { useWhole } from './useForm.ts'
import { Widget } from './Widget.tsx'

/** begin is a form that knows a few values, and asks the engine what follows from them. */
function begin(app: string, e: EntityMeta, text: string, set: Record<string, unknown>, asked?: string[]) {
  const may = e.fields.filter((f) => f.writable && (!asked || asked.includes(f.name)))
  const naming = may.find((f) => f.name === e.display) ?? may.find((f) => f.required && f.kind === 'text')
  const store = new FormStore(e, undefined, naming && text ? { ...set, [naming.name]: text } : set)
  const ask: Ask = (values, changed, signal) =>
    call<Answer>('POST', verbPath(app, e.name, 'evaluate'), { body: { values, changed }, signal })
  return { store, evaluator: new Evaluator(store, ask, (x) => problemOf(x).offline || toastProblem(x)) }
}

/** QuickNew makes a record where it is needed: only what must be filled in, with what the engine makes of it. */
export function QuickNew({
  app,
  entity,
  text,
  set = {},
  fields: asked,
  onFull,
  onMade,
  onClose,
}: {
  app: string
  entity: string
  /** What was searched for; it becomes the name. */
  text: string
  /** What is known already. */
  set?: Record<string, unknown>
  /** The fields that are asked for; else what is required, and the name. */
  fields?: string[]
  /** Opens the whole form instead. */
  onFull?: () => void
  onMade: (id: string, display: string) => void
  onClose: () => void
}) {
  const e = entityOf(useMeta(app), entity)!
  const [{ store, evaluator }] = useState(() => begin(app, e, text, set, asked))
  useWhole(store, () => store.version)
  useEffect(() => {
    void evaluator.now()
    return () => evaluator.stop()
  }, [evaluator])
  // What a refusal is about is asked for as well.
  const [named, setNamed] = useState<ReadonlySet<string | undefined>>(new Set())
  const [busy, setBusy] = useState(false)
  const fields = e.fields.filter((f) => {
    const { hidden, readonly, required } = store.get(f.name)
    const wanted = named.has(f.name) || (asked ? asked.includes(f.name) : required || f.name === e.display)
    return f.writable && !isSystem(f.name) && f.kind !== 'lines' && wanted && !hidden && !readonly
  })
  const shown = new Set(fields.map((f) => f.name))
  const known = Object.keys(set).flatMap((name) => (shown.has(name) ? [] : (store.fields.get(name) ?? [])))
  const rest = store.allErrors().filter(([path]) => store.scold && !shown.has(path))
  const save = (): void => {
    setBusy(true)
    call<Rec>('POST', entityPath(app, entity), { body: store.patch().values, query: { display: true } }).then(
      (r) => onMade(r.id, String((e.display && r[e.display]) || text)),
      (x: unknown) => {
        const p = problemOf(x)
        if (p.offline || p.status >= 500) toastProblem(x)
        else store.refuse(p.errors, p.detail, store.patch().sent)
        setNamed((old) => new Set([...old, ...p.errors.map((f) => f.pointer.split('/')[1])]))
        setBusy(false)
      },
    )
  }
  return (
    <Dialog
      title={t('form.create', { entity: label(e.title) })}
      open
      onClose={onClose}
      dismissable={false}
      foot={
        <>
          {onFull && (
            <Button look="ghost" onPress={onFull}>
              {t('board.fullForm')}
            </Button>
          )}
          <Button onPress={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" onPress={save} isDisabled={busy}>
            {t('common.save')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {rest.length > 0 && (
          <p className="note-box danger" role="alert">
            {rest.map(([, message]) => message).join(' ')}
          </p>
        )}
        {known.length > 0 && (
          <p className="quick-known">
            {known.map((f) => (
              <span key={f.name}>
                <span className="soft">{label(f.title, f.name)} </span>
                <Shown field={f} value={store.get(f.name).value} display={store.display} compact />
              </span>
            ))}
          </p>
        )}
        {fields.map((f, i) => {
          const at = store.get(f.name)
          return (
            <Widget
              key={f.name}
              app={app}
              entity={entity}
              field={f}
              label={label(f.title, f.name)}
              value={at.value}
              display={store.display}
              onDisplay={(d) => store.learn(d)}
              required={at.required}
              error={at.error}
              autoFocus={i === 0}
              context={() => ({ values: store.patch(true).values, path: f.name })}
              onChange={(v) => {
                store.set(f.name, v)
                evaluator.poke()
              }}
            />
          )
        })}
      </div>
    </Dialog>
  )
}
