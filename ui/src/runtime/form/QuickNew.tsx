import { useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { call } from '../../api/client.ts'
import { problemOf } from '../../api/problem.ts'
import { entityPath } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { fieldErrors } from '../../kit/errors.ts'
import { entityOf, isSystem } from '../../meta/find.ts'
import type { Display, Rec } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { Widget } from './Widget.tsx'

/** QuickNew makes a record where it is needed: only what must be filled in. */
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
  const meta = useMeta(app)
  const e = entityOf(meta, entity)!
  // What a refusal is about is asked for as well.
  const [problem, setProblem] = useState<unknown>()
  const [named, setNamed] = useState<ReadonlySet<string | undefined>>(new Set())
  const wanted = (f: FieldMeta): boolean =>
    asked ? asked.includes(f.name) || named.has(f.name) : !isSystem(f.name) && (!!f.required || f.name === e.display)
  const fields = e.fields.filter((f) => f.writable && wanted(f))
  const naming = fields.find((f) => f.name === e.display) ?? fields.find((f) => f.kind === 'text')
  const [values, setValues] = useState<Record<string, unknown>>(naming && text ? { ...set, [naming.name]: text } : set)
  const [display, setDisplay] = useState<Display>({})
  const [busy, setBusy] = useState(false)
  const errors = fieldErrors(
    problem,
    fields.map((f) => f.name),
  )
  const save = (): void => {
    setBusy(true)
    call<Rec>('POST', entityPath(app, entity), { body: values, query: { display: true } }).then(
      (r) => onMade(r.id, String((e.display && r[e.display]) || text)),
      (x: unknown) => {
        setProblem(x)
        setNamed((old) => new Set([...old, ...problemOf(x).errors.map((f) => f.pointer.split('/')[1])]))
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
        {errors[''] && (
          <p className="note-box danger" role="alert">
            {errors['']}
          </p>
        )}
        {fields.map((f, i) => (
          <Widget
            key={f.name}
            app={app}
            entity={entity}
            field={f}
            label={label(f.title, f.name)}
            value={values[f.name] ?? null}
            display={display}
            onDisplay={(d) => setDisplay((old) => ({ ...old, ...d }))}
            required={f.required}
            error={errors[f.name]}
            autoFocus={i === 0}
            context={() => ({ values })}
            onChange={(v) => setValues((old) => ({ ...old, [f.name]: v }))}
          />
        ))}
      </div>
    </Dialog>
  )
}
