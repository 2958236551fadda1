import { call, path } from '../../api/client.ts'
import { label, t } from '../../i18n/i18n.ts'
import { entityOf } from '../../meta/find.ts'
import type { RecordList } from '../../meta/record.ts'
import type { AppMeta, FieldMeta } from '../../meta/types.ts'
import { momentOf, readDay, readDuration, readTime } from '../form/dates.ts'
import { readDecimal, readPercent } from '../form/text.ts'
import { text as quoted } from './cel.ts'

const yes = /^(true|yes|y|1|\u2713|\u221a|\u662f)$/i
const no = /^(false|no|n|0|\u00d7|\u5426)$/i

/** readCell makes the API's value of what somebody pasted. Undefined says that it can't be read; whether the value may
 * stand there is the server's to say. */
export function readCell(f: FieldMeta, typed: string): unknown {
  const s = typed.trim()
  if (s === '') return null
  switch (f.kind) {
    case 'integer': {
      const n = readDecimal(s)
      return n && /^-?\d+(\.0+)?$/.test(n) && Number.isSafeInteger(Number(n)) ? Number(n) : undefined
    }
    case 'decimal':
    case 'money':
      return readDecimal(s.replace(/^\p{Sc}\s*/u, ''))
    case 'percent':
      return readPercent(s)
    case 'boolean':
      return yes.test(s) ? true : no.test(s) ? false : undefined
    case 'date':
      return readDay(s)
    case 'time':
      return readTime(s)
    case 'duration':
      return readDuration(s)
    case 'datetime': {
      const [d = '', time = '0:00'] = s.split(/\s+/)
      const [day, clock] = [readDay(d), readTime(time)]
      return day && clock ? momentOf(day, clock) : undefined
    }
    case 'choice':
      return optionNamed(f, s)
    case 'choices': {
      const all = s.split(/[;,|\u3001\uff0c\uff1b]/).map((x) => optionNamed(f, x.trim()))
      return all.includes(undefined) ? undefined : all
    }
    default:
      return typed
  }
}

const optionNamed = (f: FieldMeta, s: string): string | undefined =>
  f.options?.find(
    (o) =>
      o.name === s ||
      (typeof o.title === 'object' && o.title && Object.values(o.title).includes(s)) ||
      label(o.title) === s,
  )?.name

const isReference = (f: FieldMeta): boolean => f.kind === 'reference' || f.kind === 'tree'

/** findNames looks up the records that pasted texts name, one question for a field. */
export async function findNames(
  app: string,
  meta: AppMeta,
  f: FieldMeta,
  texts: string[],
): Promise<Map<string, string>> {
  const out = new Map<string, string>()
  const display = entityOf(meta, f.target ?? '')?.display
  const named = [...new Set(texts.map((s) => s.trim()).filter(Boolean))]
  if (!display || !f.target) return out
  for (let i = 0; i < named.length; i += 100) {
    const part = named.slice(i, i + 100)
    const filter = `${display} in [${part.map(quoted).join(', ')}]`
    const found = await call<RecordList>('GET', `/apps${path(app, f.target)}`, {
      query: { filter, fields: `id,${display}`, page_size: 200 },
    })
    for (const r of found.records) {
      const name = String(r[display])
      out.set(name, out.has(name) ? '' : r.id) // two of the same name are none
    }
  }
  return out
}

/** One cell of what is pasted. */
export interface PastedCell {
  id: string
  field: FieldMeta
  path: string
  typed: string
}

/** readAll reads pasted cells: values by record, and what can't be read, by record and column. */
export async function readAll(app: string, meta: AppMeta, cells: PastedCell[]) {
  const values = new Map<string, Record<string, unknown>>()
  const problems = new Map<string, Record<string, string>>()
  const names = new Map<FieldMeta, Map<string, string>>()
  for (const f of new Set(cells.map((c) => c.field)))
    if (isReference(f))
      names.set(
        f,
        await findNames(
          app,
          meta,
          f,
          cells.filter((c) => c.field === f).map((c) => c.typed),
        ),
      )
  for (const c of cells) {
    const v = names.has(c.field)
      ? c.typed.trim() === ''
        ? null
        : names.get(c.field)?.get(c.typed.trim()) || undefined
      : readCell(c.field, c.typed)
    if (v === undefined) {
      problems.set(c.id, { ...problems.get(c.id), [c.path]: t('table.unreadable', { text: c.typed }) })
    } else values.set(c.id, { ...values.get(c.id), [c.field.name]: v })
  }
  return { values, problems }
}
