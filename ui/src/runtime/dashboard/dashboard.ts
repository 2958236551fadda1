import { day, formatDay } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { show } from '../../meta/record.ts'
import type { AppMeta } from '../../meta/types.ts'
import { addUp, less, shareOf, sign } from '../exact.ts'
import { filled } from './periods.ts'
import type { CardMeta, FilterMeta, GroupMeta, MeasureMeta, Period, RowData, Values } from './types.ts'

/** The names of periods, as the server knows them. */
export const periods = [
  'today',
  'yesterday',
  'this_week',
  'last_week',
  'this_month',
  'last_month',
  'this_quarter',
  'last_quarter',
  'this_year',
  'last_year',
  'last_7_days',
  'last_30_days',
  'last_90_days',
  'last_12_months',
] as const

export const allTime = 'all'
const between = '..'

/** addressOf is where a filter's value stands in the address. */
export const addressOf = (f: FilterMeta): string => `f_${f.name}`

/** periodText writes days of one's own for the address. */
export const periodText = (p: Period): string => p.from + between + p.to

/** periodIn reads them; undefined for a period with a name. */
export function periodIn(text: string | undefined): Period | undefined {
  const [from, to, more] = (text ?? '').split(between)
  const isDay = /^\d{4}-\d\d-\d\d$/
  return from && to && more === undefined && isDay.test(from) && isDay.test(to) ? { from, to } : undefined
}

/** asked is what the server is sent for the filters in an address. What the address doesn't say has its default. */
export function asked(
  filters: FilterMeta[],
  address: Record<string, string | undefined>,
): Record<string, Period | string | null> {
  const out: Record<string, Period | string | null> = {}
  for (const f of filters) {
    const at = address[addressOf(f)]
    if (!at) continue
    if (at === allTime) out[f.name] = null
    else if (f.kind !== 'period') out[f.name] = at
    else {
      const own = periodIn(at)
      if (own) out[f.name] = own
      else if ((periods as readonly string[]).includes(at)) out[f.name] = at
    }
  }
  return out
}

/** measured writes a measure as a person reads it. */
export function measured(m: MeasureMeta, v: Values[string] | undefined): string {
  return v === null || v === undefined ? '–' : show({ kind: m.kind, scale: m.scale, currency: m.currency }, v)
}

export const measureTitle = (m: MeasureMeta): string =>
  label(m.title) || (m.op === 'count' ? t('dashboard.count') : m.name)

/** keyText writes the key of a group. */
export function keyText(g: GroupMeta, row: Pick<RowData, 'key' | 'display'>): string {
  const v = row.key[g.path]
  if (v === null || v === undefined || v === '') return t('dashboard.noValue')
  const said = row.display?.[g.path]
  if (said !== undefined) return said
  const text = String(v)
  switch (g.by) {
    case 'day':
      return formatDay(text, { month: 'short', day: 'numeric' })
    case 'week':
      return t('dashboard.weekOf', { day: formatDay(text, { month: 'short', day: 'numeric' }) })
    case 'month':
      return formatDay(text, { year: 'numeric', month: 'short' })
    case 'quarter':
      return t('dashboard.quarter', { year: text.slice(0, 4), n: Math.floor((Number(text.slice(5, 7)) + 2) / 3) })
    case 'year':
      return text.slice(0, 4)
    default:
      return show({ kind: g.kind, options: g.options }, v)
  }
}

/** How a number stands against the period before. */
export interface Trend {
  way: 'up' | 'down' | 'same'
  /** By which share; undefined where there was nothing before. */
  share: string | undefined
}

export function trendOf(now: Values[string] | undefined, before: Values[string] | undefined): Trend | undefined {
  if (now === null || now === undefined || before === null || before === undefined) return undefined
  const by = less(String(now), String(before))
  const way = sign(by) > 0 ? 'up' : sign(by) < 0 ? 'down' : 'same'
  return { way, share: shareOf(sign(by) < 0 ? by.slice(1) : by, String(before)) }
}

// Keys of options stand in the options' order, keys of time in their own; others as they come.
function ordered<T>(g: GroupMeta, list: T[], keyOf: (x: T) => string): T[] {
  if (g.by) return list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  if (!g.options?.length) return list
  const at = (x: T): number => {
    const i = g.options!.findIndex((o) => o.name === keyOf(x))
    return i < 0 ? g.options!.length : i
  }
  return list.toSorted((a, b) => at(a) - at(b))
}

/** One line, bar or slice of a chart: a value for each category, as the exact text, and the row that it came from. */
export interface Series {
  title: string
  measure: MeasureMeta
  values: (Values[string] | undefined)[]
  rows: (RowData | undefined)[]
}

export interface Shape {
  categories: string[]
  series: Series[]
}

const addsUp = (m: MeasureMeta): boolean => m.op === 'sum' || m.op === 'count'

/** fillIn adds the periods without data between the others, and tells where they are. What has no day stays at the end. */
function fillIn(g: GroupMeta, keys: Map<string, { text: string; at: number }>): Set<number> {
  const unset = [...keys].filter(([k]) => k === 'null')
  const dated = [...keys.keys()].filter((k) => k !== 'null')
  const known = new Map(keys)
  const blank = new Set<number>()
  keys.clear()
  for (const k of filled(dated, g.by!)) {
    const at = keys.size
    if (!known.has(k)) blank.add(at)
    keys.set(k, { text: known.get(k)?.text ?? keyText(g, { key: { [g.path]: k } }), at })
  }
  for (const [k, { text }] of unset) keys.set(k, { text, at: keys.size })
  return blank
}

/** shapeOf arranges rows for a chart: by one key with a series for each measure, or by two with a series for each second
 * key. */
export function shapeOf(card: CardMeta, rows: RowData[]): Shape {
  const [first, second] = card.group ?? []
  const measures = card.measures ?? []
  if (!first || measures.length === 0) return { categories: [], series: [] }
  const keys = new Map<string, { text: string; at: number }>()
  for (const r of rows) {
    const k = String(r.key[first.path])
    if (!keys.has(k)) keys.set(k, { text: keyText(first, r), at: keys.size })
  }
  const blank = first.by && card.type !== 'pie' ? fillIn(first, keys) : new Set<number>()
  const categories = [...keys.values()].map((k) => k.text)
  const place = (r: RowData): number => keys.get(String(r.key[first.path]))!.at
  const empty = (title: string, measure: MeasureMeta): Series => ({
    title,
    measure,
    values: categories.map((_, i) => (blank.has(i) && addsUp(measure) ? '0' : undefined)),
    rows: categories.map(() => undefined),
  })
  const put = (s: Series, r: RowData): void => {
    s.values[place(r)] = r.measures[s.measure.name]
    s.rows[place(r)] = r
  }
  if (!second) {
    const series = measures.map((m) => empty(measureTitle(m), m))
    for (const s of series) for (const r of rows) put(s, r)
    return { categories, series }
  }
  const bySecond = new Map<string, Series>()
  for (const r of rows) {
    const k = String(r.key[second.path])
    const s = bySecond.get(k) ?? empty(keyText(second, r), measures[0]!)
    bySecond.set(k, s)
    put(s, r)
  }
  const series = ordered(second, [...bySecond], ([k]) => k).map(([, one]) => one)
  return { categories, series }
}

/** A pivot: the last key runs across, the others down; all run down where it is flat. */
export interface Pivot {
  heads: string[]
  across: { id: string; text: string }[]
  rows: { id: string; heads: string[]; cells: Map<string, RowData> }[]
}

export function pivotOf(card: CardMeta, rows: RowData[]): Pivot {
  const groups = card.group ?? []
  const split = groups.length > 1 && !card.flat
  const down = split ? groups.slice(0, -1) : groups
  const over = split ? groups.at(-1)! : undefined
  const across = new Map<string, string>()
  const out = new Map<string, Pivot['rows'][number]>()
  for (const r of rows) {
    const id = JSON.stringify(down.map((g) => r.key[g.path]))
    const row = out.get(id) ?? { id, heads: down.map((g) => keyText(g, r)), cells: new Map<string, RowData>() }
    out.set(id, row)
    const k = over ? String(r.key[over.path]) : ''
    across.set(k, over ? keyText(over, r) : '')
    row.cells.set(k, r)
  }
  const found = [...across].map(([id, text]) => ({ id, text }))
  const columns = over ? ordered(over, found, (c) => c.id) : found
  return { heads: down.map((g) => label(g.title, g.path)), across: columns, rows: [...out.values()] }
}

/** totalOf adds a measure up over rows, where adding up means something. */
export function totalOf(m: MeasureMeta, rows: RowData[]): string | undefined {
  if (!addsUp(m)) return undefined
  const found = rows.map((r) => r.measures[m.name]).filter((v) => v !== null && v !== undefined)
  return addUp(found.map(String))
}

/** concerned lists the cards that a change of an entity's records may change: those over it, and over its lines. */
export function concerned(meta: AppMeta, cards: CardMeta[], entity: string): string[] {
  const fields = meta.entities.find((e) => e.name === entity)?.fields ?? []
  const lines = new Set(fields.filter((f) => f.kind === 'lines').map((f) => f.target))
  return cards.filter((c) => c.entity === entity || lines.has(c.entity)).map((c) => c.name)
}

/** sentence says what a chart shows, for those who don't see it. */
export function sentence(card: CardMeta, shape: Shape): string {
  const title = label(card.title, card.name)
  const [first] = shape.series
  if (!first) return t('dashboard.saysNothing', { title })
  const best = first.values.reduce<number>((b, v, i) => {
    if (v === undefined || v === null) return b
    const most = first.values[b]
    return most === undefined || most === null || sign(less(String(v), String(most))) > 0 ? i : b
  }, 0)
  return t('dashboard.says', {
    title,
    n: shape.categories.length,
    most: shape.categories[best] ?? '',
    value: measured(first.measure, first.values[best]),
    series: first.title,
  })
}

/** periodWords names a period that was asked for. */
export const periodWords = (p: Period): string => (p.from === p.to ? day(p.from) : `${day(p.from)} – ${day(p.to)}`)
