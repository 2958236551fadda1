import { label } from '../../i18n/i18n.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { readDay, readTime } from './dates.ts'
import { narrow, readDecimal, readPercent } from './text.ts'

/** Finds the record that a text means, for a column of references, and what the text says of other fields. */
export type Find = (
  field: FieldMeta,
  text: string,
) => Promise<{ id: string; display: string; given?: Record<string, unknown> } | undefined>

const yes: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'y', '\u662f', '\u2713', '\u221a'])

/** readCell reads a cell of a spreadsheet as a value of a field: undefined where it can't be understood. */
export async function readCell(f: FieldMeta, text: string, find: Find): Promise<unknown> {
  const s = text.trim()
  if (s === '') return null
  switch (f.kind) {
    case 'integer': {
      const n = readDecimal(s)
      return n && /^-?\d+$/.test(n) && Number.isSafeInteger(Number(n)) ? Number(n) : undefined
    }
    case 'decimal':
    case 'money':
      return readDecimal(s)
    case 'percent':
      return /[%\uff05]\s*$/.test(s) ? readPercent(s) : readDecimal(s)
    case 'boolean':
      return yes.has(narrow(s).toLowerCase())
    case 'date':
      return readDay(s)
    case 'time':
      return readTime(s)
    case 'choice':
      return f.options?.find((o) => o.name === s || label(o.title) === s)?.name
    case 'reference':
    case 'tree':
    case 'user':
    case 'department':
      return (await find(f, s))?.id
    case 'text':
    case 'longtext':
    case 'barcode':
    case 'phone':
    case 'email':
    case 'link':
      return f.kind === 'longtext' ? text : s
    default:
      return undefined
  }
}

const atOnce = 4

/** readRange reads a range against columns, a few cells at a time: the same text is looked up once.
 * What is empty is left to the defaults. */
export async function readRange(range: string[][], columns: FieldMeta[], find: Find) {
  const known = new Map<string, ReturnType<Find>>()
  const once: Find = (f, text) => {
    const key = `${f.name}\n${text}`
    let found = known.get(key)
    if (!found) {
      found = find(f, text)
      known.set(key, found)
    }
    return found
  }
  const rows: Record<string, unknown>[] = range.map(() => ({}))
  const said: Record<string, unknown>[] = range.map(() => ({}))
  const odd: string[] = []
  const jobs = range.flatMap((cells, r) =>
    cells.slice(0, columns.length).map((text, c) => async () => {
      const f = columns[c]!
      if (!f.writable) return
      const v = await readCell(f, text, async (of, code) => {
        const found = await once(of, code)
        said[r] = { ...said[r], ...found?.given }
        return found
      })
      if (v === undefined) odd.push(text)
      else if (v !== null) rows[r]![f.name] = v
    }),
  )
  const worker = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { rows: rows.map((row, r) => ({ ...said[r], ...row })), odd } // what stands in a cell of its own comes first
}
