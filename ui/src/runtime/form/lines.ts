import type { FieldMeta } from '../../meta/types.ts'
import { add } from './text.ts'

/** A line of a form. $key names it as long as the form is open, $touched are the fields that somebody filled in. */
export interface Line {
  $key: string
  $touched: string[]
  id?: string
  [field: string]: unknown
}

let next = 1

/** newLine is a line that isn't saved yet. */
export function newLine(values: Record<string, unknown> = {}): Line {
  return { ...values, $key: `n${next++}`, $touched: Object.keys(values) }
}

const own: ReadonlySet<string> = new Set(['id', 'position'])

/** lineOf is a line as the server gave it; copied ones count as filled in, and are new. */
export function lineOf(values: Record<string, unknown>, copied: boolean): Line {
  if (!copied) return { ...values, $key: String(values.id ?? `n${next++}`), $touched: [] }
  return newLine(Object.fromEntries(Object.entries(values).filter(([k]) => !own.has(k) && !k.startsWith('$'))))
}

/** isBlank is true for a new line that nobody has filled in. */
export const isBlank = (l: Line): boolean => !l.id && l.$touched.length === 0

/** linesOut is what is sent: of a saved line its id and what was filled in, of a new one what was filled in. */
export function linesOut(rows: Line[], f: FieldMeta, whole = false): Record<string, unknown>[] {
  const may = new Set((f.lines ?? []).filter((x) => x.writable || whole).map((x) => x.name))
  return rows.map((l) => {
    const out: Record<string, unknown> = l.id && !whole ? { id: l.id } : {}
    for (const name of whole ? may : l.$touched) if (may.has(name)) out[name] = l[name] ?? null
    return out
  })
}

/** around is a record as it stands around one of its lines: what was filled in, with all lines, also those that nobody
 * has filled in, and the place of the line among them. */
export const around = (values: Given, rows: Line[], f: FieldMeta, key: string): { values: Given; line: number } => ({
  values: { ...values, [f.name]: linesOut(rows, f) },
  line: rows.findIndex((l) => l.$key === key),
})

type Given = Record<string, unknown>

function takeLine(l: Line, r: Given | undefined): Line {
  const next = { ...l }
  let changed = false
  for (const [k, v] of Object.entries(r ?? {})) {
    if (k === 'id' || l.$touched.includes(k) || l[k] === v) continue
    if (typeof v === 'object' && JSON.stringify(l[k] ?? null) === JSON.stringify(v)) continue
    next[k] = v
    changed = true
  }
  return changed ? next : l
}

/** takeLines puts what the engine says into lines, by the keys in the order in which they were sent. Undefined where
 * nothing changes. */
export function takeLines(
  f: FieldMeta,
  now: Line[],
  given: Given[],
  keys: string[] | undefined,
  touched: boolean,
): Line[] | undefined {
  if (!keys) {
    if (touched) return undefined
    const known = now.filter((l) => !isBlank(l))
    const next = given.map((r) => lineOf(r, false))
    if (JSON.stringify(linesOut(next, f, true)) === JSON.stringify(linesOut(known, f, true))) return undefined
    for (const [i, l] of now.entries()) if (isBlank(l)) next.splice(i, 0, l) // begun since the question: stays there
    return next
  }
  const byKey = new Map(keys.map((k, i) => [k, given[i]]))
  const next = now.map((l) => takeLine(l, byKey.get(l.$key)))
  return next.some((l, i) => l !== now[i]) ? next : undefined
}

/** change fills in a field of a line. */
export function change(rows: Line[], key: string, field: string, v: unknown): Line[] {
  return rows.map((l) =>
    l.$key === key
      ? { ...l, [field]: v, $touched: l.$touched.includes(field) ? l.$touched : [...l.$touched, field] }
      : l,
  )
}

/** fill fills in several fields of a line. */
export const fill = (rows: Line[], key: string, values: Record<string, unknown>): Line[] =>
  Object.entries(values).reduce((list, [field, v]) => change(list, key, field, v), rows)

/** move puts a line one place up or down. */
export function move(rows: Line[], key: string, by: -1 | 1): Line[] {
  const i = rows.findIndex((l) => l.$key === key)
  const j = i + by
  if (i < 0 || j < 0 || j >= rows.length) return rows
  const out = [...rows]
  ;[out[i], out[j]] = [out[j]!, out[i]!]
  return out
}

/** copyOf is a new line with what somebody may fill in of another. */
export function copyOf(l: Line, f: FieldMeta): Line {
  const may = (f.lines ?? []).filter((x) => x.writable && !own.has(x.name) && l[x.name] != null)
  return newLine(Object.fromEntries(may.map((x) => [x.name, l[x.name]])))
}

/** sum adds up a column exactly. */
export function sum(rows: Line[], field: string): string | undefined {
  const values = rows.map((l) => l[field]).filter((v) => v !== null && v !== undefined && v !== '')
  if (values.length === 0) return undefined
  return values.reduce<string>((total, v) => (/^-?\d+(\.\d+)?$/.test(String(v)) ? add(total, String(v)) : total), '0')
}

/** increment adds one to what stands in a quantity. */
export function increment(rows: Line[], key: string, field: string): Line[] {
  const l = rows.find((x) => x.$key === key)
  const now = l?.[field]
  const next = typeof now === 'number' ? now + 1 : add(typeof now === 'string' && now ? now : '0', '1')
  return change(rows, key, field, next)
}

/** cells reads what was copied from a spreadsheet: tabs and line ends, with "quoted" cells that hold them. */
export function cells(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  const src = text.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  for (let i = 0; i < src.length; i++) {
    const c = src[i]!
    if (quoted) {
      if (c === '"' && src[i + 1] === '"') {
        cell += '"'
        i++
      } else if (c === '"') quoted = false
      else cell += c
    } else if (c === '"' && cell === '') quoted = true
    else if (c === '\t' || c === '\n') {
      row.push(cell)
      cell = ''
      if (c === '\n') {
        rows.push(row)
        row = []
      }
    } else cell += c
  }
  row.push(cell)
  rows.push(row)
  return rows
}
