import { shortDay, shortMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { type Display, type Rec, show, valueAt } from '../../meta/record.ts'
import type { ColumnMeta, FieldMeta, Kind } from '../../meta/types.ts'
import { plainOf } from '../form/rich.ts'
import { length } from '../form/Shown.tsx'

/** What must be known of a field to print it. */
export type Printable = Pick<FieldMeta, 'kind' | 'scale' | 'options' | 'masked'> & { currency?: string }

const named: ReadonlySet<Kind> = new Set<Kind>(['reference', 'references', 'tree', 'user', 'department', 'file'])
const short: ReadonlySet<Kind> = new Set<Kind>([
  'reference',
  'tree',
  'user',
  'department',
  'text',
  'longtext',
  'richtext',
])

/** breaks is true for what may go on in the next line of a cell. */
export const breaks = (k: Kind): boolean =>
  short.has(k) || k === 'choices' || k === 'references' || k === 'file' || k === 'link' || k === 'email' || k === 'json'

/** blank is true for what leaves its place on paper empty. */
export const blank = (v: unknown): boolean =>
  v === null || v === undefined || v === '' || (Array.isArray(v) && v.length === 0)

/** printed writes a value for paper. */
export function printed(f: Printable, v: unknown, display?: Display, cell = false): string {
  if (blank(v) || f.masked) return ''
  if (named.has(f.kind))
    return (Array.isArray(v) ? v : [v])
      .map((id) => display?.[String(id)] ?? t('form.hidden'))
      .join(t('common.listSeparator'))
  switch (f.kind) {
    case 'date':
      return cell ? shortDay(String(v)) : show(f, v)
    case 'datetime':
      return cell ? shortMoment(String(v)) : show(f, v)
    case 'money': // the amounts of a table needn't all say what they are counted in
      return show(cell ? { ...f, currency: undefined } : f, v)
    case 'duration':
      return length(String(v))
    case 'richtext':
      return plainOf(String(v))
    case 'image':
      return cell ? String((v as unknown[]).length) : ''
    default:
      return show(f, v, display)
  }
}

/** cellOf writes what stands in a column of a record or line. */
export const cellOf = (r: Rec, c: ColumnMeta, display?: Display): string =>
  printed(c, valueAt(r, c.path), r.display ?? display, true)
