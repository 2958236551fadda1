import { call, send } from '../../api/client.ts'
import { entityPath } from '../../api/records.ts'
import type { Display, Rec } from '../../meta/record.ts'

/** A file that was uploaded: its columns and what they probably mean. */
export interface Upload {
  import: string
  name: string
  sheet: string
  sheets: string[]
  headers: string[]
  mapping: Record<string, string>
  /** The column in which the rows of one record have the same, '' for none. */
  group: string
  rows: number
  fields: Target[]
  sample: string[][]
}

/** A field that a column may fill: of the record, or of its lines. */
export interface Target {
  name: string
  title: string
  required: boolean
  lines?: string
  lines_title?: string
  /** It finds the record to update, and isn't written. */
  key_only?: boolean
}

export interface CellProblem {
  column?: string
  field: string
  code: string
  severity: string
  message: string
  cure: string
}

/** A row with problems: its number in the file, its cells, what is wrong with them. */
export interface BadRow {
  row: number
  cells: string[]
  errors: CellProblem[]
}

export interface Preview {
  rows: BadRow[]
  checked: number
  bad: number
  create: number
  update: number
  total: number
  /** Of the records with problems, how many have their rows here. */
  listed: number
  next_offset?: number
  /** The first records with lines, as they would be. */
  records?: { row: number; last: number; update: boolean; values: Rec }[]
  display?: Display
}

export interface Progress {
  import: string
  state: 'uploaded' | 'running' | 'done' | 'failed' | 'cancelled'
  rows: number
  read: number
  written: number
  skipped: number
  problem: string
  errors: BadRow[]
}

export type Corrections = Record<string, Record<string, string>>

/** What a preview or a run is asked to do. */
export interface Options {
  mapping: Record<string, string>
  mode: 'all_or_nothing' | 'skip_bad'
  key?: string
  group?: string
  corrections: Corrections
}

/** linesOf is the field of lines that columns are mapped to, undefined where every row is a record. */
export const linesOf = (u: Upload, mapping: Record<string, string>): string | undefined =>
  u.fields.find((f) => f.lines && Object.values(mapping).includes(f.name))?.lines

/** bodyOf is what a preview or a run sends. */
export const bodyOf = (u: Upload, o: Options): object => ({
  ...o,
  key: o.key ?? null,
  group: (linesOf(u, o.mapping) && o.group) || null,
})

const at = (app: string, entity: string, id: string): string => entityPath(app, entity, 'imports', id)

export function upload(app: string, entity: string, file: File, sheet?: string): Promise<Upload> {
  const form = new FormData()
  form.append('file', file)
  return call('POST', entityPath(app, entity, 'imports'), { form, query: { sheet } })
}

export function preview(app: string, entity: string, u: Upload, o: Options): Promise<Preview> {
  return call('POST', `${at(app, entity, u.import)}:preview`, { body: bodyOf(u, o) })
}

export function run(app: string, entity: string, u: Upload, o: Options): Promise<Progress> {
  return call('POST', `${at(app, entity, u.import)}:run`, { body: bodyOf(u, o) })
}

export function cancel(app: string, entity: string, id: string): Promise<Progress> {
  return call('POST', `${at(app, entity, id)}:cancel`)
}

export function progress(app: string, entity: string, id: string): Promise<Progress> {
  return call('GET', at(app, entity, id))
}

/** save gives bytes to the person as a file. */
export function save(name: string, data: Blob): void {
  const url = URL.createObjectURL(data)
  const a = document.createElement('a')
  a.href = url
  a.download = name
  a.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** template downloads an empty file with a column for each field that may be filled, those of lines too where asked. */
export async function template(app: string, entity: string, name: string, lines?: string): Promise<void> {
  const res = await send('GET', `${entityPath(app, entity, 'imports:template')}`, { query: { lines } })
  save(`${name}.xlsx`, await res.blob())
}

/** csvOf writes rows as CSV that a spreadsheet opens as texts: no cell begins a formula. */
export function csvOf(headers: string[], rows: string[][]): string {
  const cell = (s: string): string => {
    const safe = /^[=+\-@\t\r]/.test(s) && !/^-?\d+(\.\d+)?$/.test(s) ? `'${s}` : s
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
  }
  return `\ufeff${[headers, ...rows].map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`
}

/** corrected puts one cell's new text among the corrections; the text of the file takes the correction away. */
export function corrected(all: Corrections, row: number, header: string, text: string, original: string): Corrections {
  const { [header]: _, ...rest } = all[row] ?? {}
  const cells = text === original ? rest : { ...rest, [header]: text }
  const { [row]: __, ...others } = all
  return Object.keys(cells).length ? { ...others, [row]: cells } : others
}
