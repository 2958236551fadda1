import { label, t } from '../../i18n/i18n.ts'
import { isSystem } from '../../meta/find.ts'
import type { ColumnMeta, EntityMeta, FieldMeta, Medium, SectionMeta, ViewMeta } from '../../meta/types.ts'

/** A column of lines, with its field. */
export type LineColumn = ColumnMeta & { field: FieldMeta }

/** A tab of a form, or its part without tabs. */
export interface Part {
  id: string
  title: string
  sections: SectionMeta[]
}

/** sectionsOf is how a form is laid out on the screen or on paper: by its view, or all fields where there is none. */
export function sectionsOf(entity: EntityMeta, view: ViewMeta | undefined, on: Medium = 'screen'): SectionMeta[] {
  if (view?.sections)
    return view.sections.flatMap((s) => {
      const items = s.items.filter((i) => !i.only || i.only === on)
      return items.length ? [{ ...s, items }] : []
    })
  const own = entity.fields.filter((f) => !isSystem(f.name) && !f.technical)
  const plain = own.filter((f) => f.kind !== 'lines')
  const lines = own.filter((f) => f.kind === 'lines')
  return [
    {
      name: 'main',
      title: t('form.basics'),
      columns: plain.length > 4 ? 2 : 1,
      items: plain.map((f) => ({ field: f.name, span: f.kind === 'longtext' || f.kind === 'richtext' ? 2 : 1 })),
    },
    ...lines.map((f) => ({ name: f.name, title: f.title, columns: 1, items: [{ field: f.name, span: 1 }] })),
  ]
}

/** partsOf groups sections: those without a tab stand above all tabs. */
export function partsOf(sections: SectionMeta[]): { above: SectionMeta[]; tabs: Part[] } {
  const above: SectionMeta[] = []
  const tabs: Part[] = []
  for (const s of sections) {
    const title = label(s.tab)
    if (!title) {
      above.push(s)
      continue
    }
    const found = tabs.find((p) => p.title === title)
    if (found) found.sections.push(s)
    else tabs.push({ id: s.name, title, sections: [s] })
  }
  return { above, tabs }
}

/** columnsOf are the columns of lines: as the form says, or all that may be read. */
export function columnsOf(f: FieldMeta, given: ColumnMeta[] | undefined, on: Medium = 'screen'): LineColumn[] {
  const all = f.lines ?? []
  const plain = (x: FieldMeta): ColumnMeta => ({
    path: x.name,
    title: x.title,
    kind: x.kind,
    scale: x.scale,
    options: x.options,
    target: x.target,
  })
  const columns = given?.length ? given : all.filter((x) => x.name !== 'id' && x.name !== 'position').map(plain)
  return columns.flatMap((c) => {
    if (c.only && c.only !== on) return []
    const field = all.find((x) => x.name === c.path)
    return field ? [{ ...c, field }] : []
  })
}

const shownInCard = 7

/** telling picks what a card shows of a line: what tells it apart first (how many, of what, which batch), then what it
 * comes to, then the rest of what is required or worked out; in the order of the columns. */
export function telling(columns: LineColumn[], l: Record<string, unknown>): LineColumn[] {
  const weight = (c: LineColumn): number => {
    if (c.field.kind === 'reference' || c.field.choices || (c.field.required && !c.field.preset)) return 0
    return c.total === 'sum' || c.field.kind === 'money' ? 1 : 2
  }
  const filled = columns.filter((c) => l[c.path] != null && l[c.path] !== '')
  const worth = filled.filter((c) => weight(c) < 2 || c.field.required || c.field.computed)
  const kept = new Set(worth.toSorted((a, b) => weight(a) - weight(b)).slice(0, shownInCard))
  return worth.filter((c) => kept.has(c))
}
