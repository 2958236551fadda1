import { call, path } from '../../api/client.ts'
import { entityPath } from '../../api/records.ts'

/** A file that the server has read. */
export interface Uploaded {
  import: string
  name: string
  sheet: string
  sheets: string[]
  headers: string[]
  mapping: Record<string, string>
  rows: number
  fields: { name: string; title: string; required: boolean }[]
  sample: string[][]
}

/** What one decides about an import. */
export interface Options {
  mapping: Record<string, string>
  mode: 'all_or_nothing' | 'skip_bad'
  key: string
  /** Cells that are read otherwise than the file has them: by row of the file, by column. */
  corrections: Record<string, Record<string, string>>
}

/** What is wrong with a row of the file. */
export interface BadRow {
  row: number
  /** The row's cells by column, as they are read. */
  cells?: Record<string, string>
  errors: { column?: string; field: string; message: string; cure?: string; severity: string }[]
}

/** What a preview found. */
export interface Preview {
  rows: BadRow[]
  checked: number
  bad: number
  create: number
  update: number
  total: number
  next_offset?: number
}

/** How far an import is. */
export interface Status {
  state: 'uploaded' | 'running' | 'done' | 'failed' | 'cancelled'
  rows: number
  read: number
  written: number
  skipped: number
  errors: BadRow[]
  problem: string
}

/** uploadImport sends a file, of which a sheet is meant. */
export function uploadImport(app: string, entity: string, file: File, sheet?: string): Promise<Uploaded> {
  const form = new FormData()
  form.append('file', file, file.name || 'file')
  return call('POST', entityPath(app, entity, 'imports'), { form, query: { sheet } })
}

const at = (app: string, entity: string, id: string): string => `${entityPath(app, entity, 'imports')}${path(id)}`
const body = ({ mapping, mode, key, corrections }: Options) => ({
  mapping,
  mode,
  key: key || undefined,
  corrections: Object.keys(corrections).length ? corrections : undefined,
})

export const previewImport = (
  app: string,
  entity: string,
  id: string,
  o: Options,
  signal?: AbortSignal,
): Promise<Preview> => call('POST', `${at(app, entity, id)}:preview`, { body: body(o), signal })

export const runImport = (app: string, entity: string, id: string, o: Options): Promise<Status> =>
  call('POST', `${at(app, entity, id)}:run`, { body: body(o) })

export const importStatus = (app: string, entity: string, id: string): Promise<Status> =>
  call('GET', at(app, entity, id))
