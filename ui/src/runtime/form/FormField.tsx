import { memo } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { currencyOf, isNumeric } from '../../meta/record.ts'
import type { ColumnMeta } from '../../meta/types.ts'
import { LinesField } from './LinesField.tsx'
import { Shown } from './Shown.tsx'
import type { FormStore } from './store.ts'
import { useField } from './useForm.ts'
import { Widget } from './Widget.tsx'

/** What everything in a form knows. */
export interface FormContext {
  app: string
  store: FormStore
  /** The name of the form's view. */
  form?: string
  currency: string
  /** Nothing may be changed. */
  fixed: boolean
  changed: () => void
  hrefOf: (target: string, id: string) => string | undefined
  /** Shows where a value comes from; left out where there is no record yet. */
  explain?: (field: string) => void
}

interface Props {
  ctx: FormContext
  name: string
  span: number
  help?: string
  columns?: ColumnMeta[]
  autoFocus?: boolean
}

/** FormField is one field of a form: to fill in, or to read. */
export const FormField = memo(function FormField({ ctx, name, span, help, columns, autoFocus }: Props) {
  const { store } = ctx
  const s = useField(store, name)
  const f = store.fields.get(name)
  const beside = useField(store, f?.currency_field ?? name)
  if (!f || s.hidden) return null
  const currency = currencyOf(f, () => beside.value, ctx.currency)
  const text = label(f.title, name)
  // What follows from other values says from which; of what a ledger keeps, quantities and values do.
  const told = f.computed || (store.entity.kept && isNumeric(f.kind) && f.kind !== 'integer')
  const hint = help || label(f.help)
  const shape = `form-item form-span-${span} ${s.marked ? 'form-marked' : ''}`
  if (f.kind === 'lines')
    return (
      <div className={`${shape} form-wide`} data-field={name}>
        <LinesField ctx={ctx} field={f} columns={columns} readOnly={ctx.fixed || s.readonly} hint={hint} />
      </div>
    )
  if (ctx.fixed || s.readonly)
    return (
      <div className={shape} data-field={name}>
        <span className="field-label" title={hint || undefined}>
          {text}
          {told && ctx.explain && (
            <IconButton
              icon="info"
              size="s"
              className="form-why noprint"
              label={t('explain.open', { name: text })}
              onPress={() => ctx.explain?.(name)}
            />
          )}
        </span>
        <div className="form-shown">
          <Shown field={{ ...f, currency }} value={s.value} display={store.display} hrefOf={ctx.hrefOf} />
        </div>
        {s.error && <span className="field-error">{s.error}</span>}
      </div>
    )
  return (
    <div className={shape} data-field={name}>
      <Widget
        app={ctx.app}
        entity={store.entity.name}
        field={f}
        value={s.value}
        display={store.display}
        label={text}
        hint={hint || undefined}
        required={s.required}
        error={s.error}
        currency={currency}
        autoFocus={autoFocus}
        onDisplay={(d) => store.learn(d)}
        context={() => ({ id: store.base?.id, values: store.patch(true).values, form: ctx.form, path: name })}
        onChange={(v) => {
          store.set(name, v)
          ctx.changed()
        }}
        onGiven={(values) => {
          for (const [other, v] of Object.entries(values)) store.set(other, v)
          ctx.changed()
        }}
      />
    </div>
  )
})
