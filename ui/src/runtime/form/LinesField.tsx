import { lazy, Suspense, useMemo, useState, useSyncExternalStore } from 'react'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { toast } from '../../kit/toast.tsx'
import { currencyOf, isEmpty } from '../../meta/record.ts'
import type { ColumnMeta, FieldMeta } from '../../meta/types.ts'
import type { FormContext } from './FormField.tsx'
import { LineCards } from './LineCards.tsx'
import { LinesGrid } from './LinesGrid.tsx'
import { columnsOf } from './layout.ts'
import { change, copyOf, fill, isBlank, type Line, move } from './lines.ts'
import { ScanBar } from './ScanBar.tsx'
import { severalOf } from './several.ts'
import './lines.css'
import { useField, useWhole } from './useForm.ts'

const AddSeveral = lazy(() => import('./AddSeveral.tsx').then((m) => ({ default: m.AddSeveral })))

/** What can be done with the lines of a form. */
export interface LineActs {
  set: (key: string, field: string, v: unknown) => void
  fill: (key: string, values: Record<string, unknown>) => void
  insert: (at: number) => Line
  remove: (key: string) => void
  copy: (key: string) => Line | undefined
  move: (key: string, by: -1 | 1) => void
}

const narrowScreen = '(max-width: 720px)'

/** useNarrow is true on a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (f) => {
      const m = matchMedia(narrowScreen)
      m.addEventListener('change', f)
      return () => m.removeEventListener('change', f)
    },
    () => matchMedia(narrowScreen).matches,
  )
}

function actsOf(ctx: FormContext, f: FieldMeta): LineActs {
  const { store, changed } = ctx
  const put = (rows: Line[]): void => {
    store.setLines(f.name, rows)
    changed()
  }
  return {
    set: (key, field, v) => put(change(store.lines(f.name), key, field, v)),
    fill: (key, values) => put(fill(store.lines(f.name), key, values)),
    insert: (at) => store.addLine(f.name, at),
    move: (key, by) => put(move(store.lines(f.name), key, by)),
    copy: (key) => {
      const rows = store.lines(f.name)
      const i = rows.findIndex((l) => l.$key === key)
      if (i < 0) return undefined
      const made = copyOf(rows[i]!, f)
      put([...rows.slice(0, i + 1), made, ...rows.slice(i + 1)])
      return made
    },
    remove: (key) => {
      const rows = store.lines(f.name)
      const i = rows.findIndex((l) => l.$key === key)
      const gone = rows[i]
      if (!gone) return
      const rest = rows.filter((l) => l !== gone)
      if (isBlank(gone)) return store.setLines(f.name, rest, false)
      put(rest)
      toast('info', t('form.lineRemoved', { n: i + 1 }), {
        action: {
          text: t('common.undo'),
          act: () => {
            const now = store.lines(f.name)
            put([...now.slice(0, i), gone, ...now.slice(i)])
          },
        },
      })
    },
  }
}

/** LinesField is the lines of a record: a grid for the keyboard, cards on a phone. */
export function LinesField({
  ctx,
  field,
  columns: given,
  readOnly,
  hint,
}: {
  ctx: FormContext
  field: FieldMeta
  columns?: ColumnMeta[]
  readOnly: boolean
  hint?: string
}) {
  const s = useField(ctx.store, field.name)
  const narrow = useNarrow()
  const plain = useMemo(() => columnsOf(field, given), [field, given])
  const acts = useMemo(() => actsOf(ctx, field), [ctx, field])
  const rows = (s.value as Line[] | null) ?? []
  // The lines of a document are in one currency, which may change while it is written.
  const counted = plain.map((c) => currencyOf(c, (f) => rows.find((l) => l[f])?.[f], ctx.currency)).join()
  const all = useMemo(() => {
    const codes = counted.split(',')
    return plain.map((c, i) => (c.currency_field ? { ...c, currency: codes[i] } : c))
  }, [plain, counted])
  const asked = useWhole(ctx.store, () =>
    plain
      .flatMap((c) => (c.conditional && !ctx.store.isHidden(`${field.name}.${c.path}`, true) ? [c.path] : []))
      .join(),
  )
  // What is worked out while a document is filled in says nothing once it is done.
  const seen = all
    .filter((c) => {
      if (readOnly ? !c.field.computed && !c.conditional : !c.conditional || asked.split(',').includes(c.path))
        return true
      return rows.some((l) => !isEmpty(l[c.path]))
    })
    .map((c) => c.path)
    .join()
  const columns = useMemo(() => all.filter((c) => seen.split(',').includes(c.path)), [all, seen])
  const title = label(field.title, field.name)
  const meta = useMeta(ctx.app)
  const [adding, setAdding] = useState(false)
  const refs = readOnly ? [] : severalOf(meta, columns)
  const View = narrow ? LineCards : LinesGrid
  return (
    <div className="lines">
      <div className="lines-head noprint">
        <span className="soft">{t('form.lineCount', { n: rows.filter((l) => !isBlank(l)).length })}</span>
        {hint && <span className="field-hint">{hint}</span>}
        <span className="grow" />
        {refs.length > 0 && (
          <Button icon="clipboard" onPress={() => setAdding(true)}>
            {t('form.addSeveral')}
          </Button>
        )}
        {!readOnly && <ScanBar ctx={ctx} field={field} columns={columns} />}
      </div>
      {s.error && (
        <p className="field-error" role="alert">
          {s.error}
        </p>
      )}
      <View ctx={ctx} field={field} columns={columns} rows={rows} acts={acts} readOnly={readOnly} title={title} />
      {!readOnly && narrow && (
        <Button icon="plus" onPress={() => acts.insert(rows.length)}>
          {t('form.addLine')}
        </Button>
      )}
      {adding && (
        <Suspense fallback={null}>
          <AddSeveral ctx={ctx} field={field} refs={refs} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </div>
  )
}
