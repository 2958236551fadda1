import { label } from '../../i18n/i18n.ts'
import type { Orientation } from '../../kit/page.tsx'
import { isNumeric, type Rec } from '../../meta/record.ts'
import type { ColumnMeta, EntityMeta, FieldMeta, SectionMeta, ViewMeta } from '../../meta/types.ts'
import { sectionsOf } from '../form/layout.ts'
import { sum } from '../form/lines.ts'
import { arrange, needOf, sharesOf } from './page.ts'
import { blank, breaks, cellOf, printed } from './texts.ts'
import type { Wish } from './wish.ts'

/** Fields beside each other. */
export interface FieldsBlock {
  kind: 'fields'
  title: string
  columns: number
  items: { field: FieldMeta; span: number }[]
}

/** A table of lines. */
export interface LinesBlock {
  kind: 'lines'
  field: FieldMeta
  rows: Rec[]
  columns: ColumnMeta[]
  /** How wide each column is, in percent. */
  shares: number[]
  small: boolean
  /** What didn't fit. */
  left: ColumnMeta[]
}

export type Block = FieldsBlock | LinesBlock

/** A record laid out for paper. */
export interface Plan {
  record: Rec
  blocks: Block[]
  orientation: Orientation
}

/** Something that can be on paper, and whether it is by itself. */
export interface Part {
  path: string
  title: string
  /** The lines that it is a column of. */
  of?: FieldMeta
  usual: boolean
}

interface Placed {
  item: SectionMeta['items'][number]
  field: FieldMeta
}

function placed(entity: EntityMeta, s: SectionMeta): Placed[] {
  return s.items.flatMap((item) => {
    const field = entity.fields.find((f) => f.name === item.field)
    const head = field?.name === entity.display || field?.name === entity.state_field
    return field && !field.masked && !head ? [{ item, field }] : []
  })
}

function columnsIn(f: FieldMeta, given: ColumnMeta[] | undefined): ColumnMeta[] {
  const own = (f.lines ?? []).filter((x) => x.name !== 'id' && x.name !== 'position' && !x.technical)
  const all = given?.length ? given : own.map((x) => ({ ...x, path: x.name }))
  return all.filter((c) => !c.masked && (c.path.includes('.') || f.lines?.some((x) => x.name === c.path)))
}

/** both are the sections of a form with what is for one medium alone. */
const both = (entity: EntityMeta, view: ViewMeta | undefined): SectionMeta[] =>
  view?.sections ?? sectionsOf(entity, view)

/** partsOf lists what of a form can be on paper. */
export function partsOf(entity: EntityMeta, view: ViewMeta | undefined): Part[] {
  return both(entity, view).flatMap((s) =>
    placed(entity, s).flatMap(({ item, field }): Part[] => {
      const usual = item.only !== 'screen'
      if (field.kind !== 'lines') return [{ path: field.name, title: label(field.title, field.name), usual }]
      return columnsIn(field, item.columns).map((c) => ({
        path: `${field.name}.${c.path}`,
        title: label(c.title, c.path),
        of: field,
        usual: usual && c.only !== 'screen',
      }))
    }),
  )
}

/** totalOf writes the sum below a column, where it has one. */
export const totalOf = (c: ColumnMeta, rows: Rec[]): string =>
  c.total === 'sum' ? printed(c, sum(rows as never[], c.path), undefined, true) : ''

function linesBlock(
  field: FieldMeta,
  given: ColumnMeta[] | undefined,
  record: Rec,
  on: (path: string) => boolean,
  asked: Orientation | undefined,
): LinesBlock & { orientation: Orientation } {
  const rows = ((record[field.name] as Rec[] | null) ?? []).filter((r) => r && typeof r === 'object')
  const columns = columnsIn(field, given).filter(
    (c) => on(`${field.name}.${c.path}`) && !(c.conditional && rows.every((r) => blank(r[c.path]))),
  )
  const needs = columns.map((c) =>
    needOf(
      label(c.title, c.path),
      rows.map((r) => cellOf(r, c, record.display)),
      breaks(c.kind),
      totalOf(c, rows),
    ),
  )
  const { orientation, small, shown, left } = arrange(needs, asked)
  return {
    kind: 'lines',
    field,
    rows,
    columns: shown.map((i) => columns[i]!),
    shares: sharesOf(
      shown.map((i) => needs[i]!),
      orientation,
    ),
    small,
    left: left.map((i) => columns[i]!),
    orientation,
  }
}

/** planOf lays a record out for paper: in the order of its form, without what the form hides and what is empty. */
export function planOf(
  entity: EntityMeta,
  view: ViewMeta | undefined,
  record: Rec,
  hidden: string[],
  wish: Wish,
): Plan {
  const usual = new Map<string, boolean>()
  for (const p of partsOf(entity, view)) usual.set(p.path, p.usual || !!usual.get(p.path))
  const on = (path: string): boolean => wish.shown[path] ?? usual.get(path) ?? false
  const asked = wish.orientation ?? view?.print?.orientation
  const blocks: Block[] = []
  let orientation: Orientation = asked ?? 'portrait'
  for (const s of both(entity, view)) {
    if (hidden.includes(`section:${s.name}`)) continue
    let fields: FieldsBlock | undefined
    for (const { item, field } of placed(entity, s)) {
      if (hidden.includes(field.name)) continue
      if (field.kind === 'lines') {
        const { orientation: way, ...block } = linesBlock(field, item.columns, record, on, asked)
        fields = undefined
        if (block.columns.length === 0) continue
        if (way === 'landscape') orientation = way
        blocks.push(block)
      } else if (on(field.name) && !blank(record[field.name])) {
        if (!fields) {
          fields = { kind: 'fields', title: label(s.title), columns: Math.min(3, Math.max(1, s.columns)), items: [] }
          blocks.push(fields)
        }
        fields.items.push({ field, span: Math.min(item.span ?? 1, fields.columns) })
      }
    }
  }
  return { record, blocks, orientation }
}

/** together lays records out anew where one of them needs wide paper, so that all are on the same. */
export function together(make: (asked?: Orientation) => Plan[]): Plan[] {
  const plans = make()
  const wide = plans.some((p) => p.orientation === 'landscape')
  return wide && plans.some((p) => p.orientation === 'portrait') ? make('landscape') : plans
}

/** onRight is true for what stands on the right of a cell. */
export const onRight = (c: ColumnMeta): boolean => isNumeric(c.kind)
