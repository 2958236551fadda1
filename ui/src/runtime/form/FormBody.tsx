import { type RefObject, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { label } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { Tabs } from '../../kit/tabs.tsx'
import type { SectionMeta } from '../../meta/types.ts'
import { useKeyPlace } from '../../shell/commands.ts'
import { type FormContext, FormField } from './FormField.tsx'
import { partsOf } from './layout.ts'
import { useWhole } from './useForm.ts'

/** What a page may ask of a form. */
export interface FormHandle {
  /** Leads to a field, also into another tab. */
  lead: (path: string) => void
}

function Section({ ctx, s, first }: { ctx: FormContext; s: SectionMeta; first?: string }) {
  const hidden = useWhole(ctx.store, () => ctx.store.isHidden(`section:${s.name}`))
  if (hidden) return null
  const lines = s.items.length === 1 && ctx.store.fields.get(s.items[0]!.field)?.kind === 'lines'
  return (
    <section className={`form-section ${lines ? 'form-section-lines' : ''}`} aria-label={label(s.title)}>
      <h2 className="form-title">{label(s.title)}</h2>
      <div className={`form-grid form-cols-${Math.min(4, Math.max(1, s.columns))}`}>
        {s.items.map((i) => (
          <FormField
            key={i.field}
            ctx={ctx}
            name={i.field}
            span={Math.min(i.span ?? 1, s.columns)}
            help={label(i.help) || undefined}
            columns={i.columns}
            autoFocus={i.field === first}
          />
        ))}
      </div>
    </section>
  )
}

function wrongIn(ctx: FormContext, sections: SectionMeta[]): number {
  const names = new Set(sections.flatMap((s) => s.items.map((i) => i.field)))
  return ctx.store.allErrors().filter(([path]) => names.has(path.split('/')[0]!)).length
}

/** FormBody draws a form as its view lays it out. */
export function FormBody({
  ctx,
  sections,
  title,
  first,
  handle,
}: {
  ctx: FormContext
  sections: SectionMeta[]
  title: string
  /** The field that has the focus at the beginning. */
  first?: string
  handle?: RefObject<FormHandle | null>
}) {
  const { above, tabs } = useMemo(() => partsOf(sections), [sections])
  const [tab, setTab] = useState(tabs[0]?.id)
  const box = useRef<HTMLDivElement>(null)
  useKeyPlace('form')
  const wrong = useWhole(ctx.store, () => tabs.map((p) => wrongIn(ctx, p.sections)).join())
  const counts = wrong.split(',')
  useImperativeHandle(handle, () => ({
    lead: (path) => {
      const name = path.split('/')[0]!
      const part = tabs.find((p) => p.sections.some((s) => s.items.some((i) => i.field === name)))
      if (part) setTab(part.id)
      requestAnimationFrame(() => {
        const all = box.current?.querySelectorAll<HTMLElement>('[data-field],[data-path]') ?? []
        const at = [...all].find((el) => el.dataset.path === path) ?? [...all].find((el) => el.dataset.field === name)
        at?.scrollIntoView({ block: 'center' })
        const focus = at?.dataset.path
          ? at
          : at?.querySelector<HTMLElement>('input:not([tabindex="-1"]),textarea,[tabindex="0"],button')
        focus?.focus()
      })
    },
  }))
  return (
    <div className="form" ref={box}>
      {above.map((s) => (
        <Section key={s.name} ctx={ctx} s={s} first={first} />
      ))}
      {tabs.length > 0 && (
        <Tabs
          label={title}
          value={tab}
          onChange={setTab}
          tabs={tabs.map((p, i) => ({
            id: p.id,
            title: (
              <span className="form-tab">
                {p.title}
                {Number(counts[i]) > 0 && <Icon name="alert" size={14} className="form-bad" />}
              </span>
            ),
            content: p.sections.map((s) => <Section key={s.name} ctx={ctx} s={s} first={first} />),
          }))}
        />
      )}
    </div>
  )
}
