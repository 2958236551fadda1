import { label } from '../../i18n/i18n.ts'
import { entityOf, fieldOf } from '../../meta/find.ts'
import { isEmpty, isNumeric, type Rec, valueAt } from '../../meta/record.ts'
import type { AppMeta, ColumnMeta, FieldMeta, Kind, ViewMeta } from '../../meta/types.ts'
import { less, sign } from '../exact.ts'
import { groups } from './cel.ts'
import type { ColumnChoice } from './state.ts'

/** A column as it is drawn. */
export interface Column extends ColumnMeta {
  width: number
  fixed: boolean
  /** What is edited in its cells; for "supplier.name" the reference itself. */
  edit?: FieldMeta
  right: boolean
}

export const leastWidth = 56
export const mostWidth = 800

const widths: Partial<Record<Kind, number>> = {
  boolean: 80,
  integer: 90,
  decimal: 110,
  money: 120,
  percent: 90,
  date: 120,
  datetime: 160,
  time: 90,
  choice: 110,
  choices: 160,
  longtext: 220,
  image: 120,
}
const usual = 150

/** What a value of a set length needs; a view's author may have thought of shorter ones. */
const needs: Partial<Record<Kind, number>> = { date: 118, datetime: 150, barcode: 142, number: 164, choice: 80 }
const glyph = 13 // pixels of a letter in the words of a colour; half of it for Latin ones
const longestWord = 8 // glyphs of them that are always shown
const longestHead = 9 // glyphs of a heading that are always shown
const headRoom = 24 // pixels beside a heading

/** glyphsOf counts the letters of a text as wide ones. */
const glyphsOf = (text: string): number => [...text].reduce((n, x) => n + (x > '\u00ff' ? 1 : 0.55), 0)

/** wordRoom is what the words of colours need beside the values of a column that don't say the same. */
function wordRoom(view: ViewMeta, c: ColumnMeta): number {
  const said = new Set((c.options ?? []).map((o) => label(o.title)))
  const words = (view.colors ?? []).filter((r) => r.field === c.path).map((r) => label(r.title))
  const glyphs = words.filter((w) => !said.has(w)).map(glyphsOf)
  return glyphs.length ? Math.min(longestWord, Math.max(...glyphs)) * glyph + 16 : 0
}

/** widthOf is how wide a column is: as somebody drew it, else as the view says or its kind needs. */
function widthOf(view: ViewMeta, c: ColumnMeta, drawn: number | undefined): number {
  const head = Math.ceil(Math.min(longestHead, glyphsOf(label(c.title))) * glyph) + headRoom
  return drawn ?? Math.max(c.width ?? widths[c.kind] ?? usual, (needs[c.kind] ?? 0) + wordRoom(view, c), head)
}

const isSystemOnly = new Set(['id', 'version', 'created_at', 'updated_at', 'deleted_at'])

/** within keeps a width within bounds. */
export const within = (w: number): number => Math.max(leastWidth, Math.min(mostWidth, Math.round(w)))

function editable(meta: AppMeta, entity: string, path: string): FieldMeta | undefined {
  const [name, leaf, more] = path.split('.')
  const field = fieldOf(entityOf(meta, entity), name!)
  if (!field?.writable || field.computed || field.masked || more) return undefined
  if (!leaf) return field.kind === 'lines' || field.kind === 'richtext' || field.kind === 'json' ? undefined : field
  return entityOf(meta, field.target ?? '')?.display === leaf ? field : undefined
}

/** known are all columns that a table may show: those of its view, and the entity's other fields. */
export function known(meta: AppMeta, view: ViewMeta): ColumnMeta[] {
  const own = view.columns ?? []
  const entity = entityOf(meta, view.entity)
  const shown = new Set(own.map((c) => c.path.split('.')[0]))
  const system = new Set(['created_at', 'created_by', 'updated_at', 'updated_by', 'owner', 'department'])
  const isSystem = ['id', 'version', 'deleted_at']
  const more = (entity?.fields ?? [])
    .filter((f) => !shown.has(f.name) && !isSystem.includes(f.name))
    .map((f) => ({ ...f, path: f.name, sortable: !['lines', 'json', 'choices', 'references'].includes(f.kind) }))
  const rank = (c: ColumnMeta) => (system.has(c.path) ? 1 : 0)
  return [...own, ...more.sort((a, b) => rank(a) - rank(b))]
}

/** groupable are the fields by which the records of a table can be put together: those that it shows first. */
export function groupable(meta: AppMeta, view: ViewMeta): ColumnMeta[] {
  const shown = (view.columns ?? []).map((c) => c.path.split('.')[0])
  const fields = (entityOf(meta, view.entity)?.fields ?? []).filter(
    (f) => groups(f.kind) && !f.masked && !isSystemOnly.has(f.name) && (f.kind !== 'text' || shown.includes(f.name)),
  )
  const rank = (f: FieldMeta) => (shown.includes(f.name) ? shown.indexOf(f.name) : shown.length)
  return [...fields].sort((a, b) => rank(a) - rank(b)).map((f) => ({ ...f, path: f.name }))
}

/** chosen lists every column with whether it is shown: as somebody chose, else as the view says. */
export function chosen(meta: AppMeta, view: ViewMeta, choices: ColumnChoice[]): (ColumnMeta & { hidden: boolean })[] {
  const all = known(meta, view)
  const own = new Set((view.columns ?? []).map((c) => c.path))
  const asked = choices.flatMap((c) => {
    const found = all.find((a) => a.path === c.path)
    return found ? [{ ...found, width: c.width ?? found.width, hidden: !!c.hidden }] : []
  })
  const rest = all
    .filter((a) => !choices.some((c) => c.path === a.path))
    .map((a) => ({ ...a, hidden: choices.length > 0 || !own.has(a.path) }))
  return [...asked, ...rest]
}

/** columnsOf are the columns that are shown, the fixed ones first. */
export function columnsOf(meta: AppMeta, view: ViewMeta, choices: ColumnChoice[]): Column[] {
  const out = chosen(meta, view, choices)
    .filter((c) => !c.hidden)
    .map((c) => ({
      ...c,
      width: within(widthOf(view, c, choices.find((x) => x.path === c.path)?.width)),
      fixed: !!c.fixed,
      edit: editable(meta, view.entity, c.path),
      right: isNumeric(c.kind),
    }))
  return [...out.filter((c) => c.fixed), ...out.filter((c) => !c.fixed)]
}

/** editValue is what the editor of a cell begins with. */
export const editValue = (r: Rec, c: Column): unknown => (c.edit ? r[c.edit.name] : undefined)

/** cellValue is what a cell shows. */
export const cellValue = (r: Rec, c: ColumnMeta): unknown => valueAt(r, c.path)

/** spread is which of the columns that move are within a stretch of the screen: from, to, and how far from the left. */
export function spread(list: Column[], left: number, width: number): { from: number; to: number; offset: number } {
  const first = list.findIndex((c) => !c.fixed)
  if (first < 0) return { from: list.length, to: list.length, offset: 0 }
  const room = 40
  let x = 0
  let from = list.length
  let to = first
  let offset = 0
  for (let i = first; i < list.length; i++) {
    const end = x + list[i]!.width
    if (end > left - room && x < left + width + room) {
      if (from === list.length) {
        from = i
        offset = x
      }
      to = i + 1
    }
    x = end
  }
  return from === list.length ? { from: first, to: first, offset: 0 } : { from, to, offset }
}

const facts = 4 // of a card

const none = (v: unknown): boolean => isEmpty(v) || (Array.isArray(v) && v.length === 0)

/** factsOf are the first of what a card says beside its name; what it comes to is among them. */
export function factsOf(columns: Column[], rec: Rec): Column[] {
  const known = columns.filter((c) => !none(cellValue(rec, c)))
  const first = known.slice(0, facts)
  if (known.length <= facts || first.some((c) => c.kind === 'money')) return first
  const sums = known.filter((c) => c.kind === 'money' && c.total === 'sum' && !c.masked)
  const above = (a: Column, b: Column) => sign(less(String(cellValue(rec, a)), String(cellValue(rec, b)))) > 0
  const most = sums.reduce<Column | undefined>((a, b) => (a && !above(b, a) ? a : b), undefined)
  return most ? [...first.slice(0, facts - 1), most] : first
}

const entryNames = ['day', 'verb', 'quantity', 'secondary_quantity', 'value', 'running_quantity']

/** entryFacts are what a card says of an entry of a ledger: when, what, of what, how much, and how much there is then. */
export function entryFacts(columns: Column[], rec: Rec): Column[] {
  const own = (names: string[]) => names.flatMap((n) => columns.find((c) => c.path === n) ?? [])
  const about = new Map(
    columns.filter((c) => c.path.includes('.') || c.target).map((c) => [c.path.split('.')[0]!, c] as const),
  ) // of several columns of a reference the last, which says more than its code
  const all = [...own(entryNames.slice(0, 2)), ...about.values(), ...own(entryNames.slice(2))]
  return all.filter((c) => !none(cellValue(rec, c)))
}
