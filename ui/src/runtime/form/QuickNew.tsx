import { useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { call } from '../../api/client.ts'
import { entityPath } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { fieldErrors } from '../../kit/errors.ts'
import { entityOf, isSystem } from '../../meta/find.ts'
import type { Display, Rec } from '../../meta/record.ts'
import { Widget } from './Widget.tsx'

/** QuickNew makes a record where it is needed: only what must be filled in. */
export function QuickNew({
  app,
  entity,
  text,
  onMade,
  onClose,
}: {
  app: string
  entity: string
  /** What was searched for; it becomes the name. */
  text: string
  onMade: (id: string, display: string) => void
  onClose: () => void
}) {
  const meta = useMeta(app)
  const e = entityOf(meta, entity)!
  const fields = e.fields.filter((f) => f.writable && !isSystem(f.name) && (f.required || f.name === e.display))
  const naming = fields.find((f) => f.name === e.display) ?? fields.find((f) => f.kind === 'text')
  const [values, setValues] = useState<Record<string, unknown>>(naming && text ? { [naming.name]: text } : {})
  const [display, setDisplay] = useState<Display>({})
  const [problem, setProblem] = useState<unknown>()
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
