import { day, decimal, moment, money, percent } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import type { FieldMeta, Kind, OptionMeta } from './types.ts'

/** A record as the server gives it: flat, decimals as texts, lines as lists of such objects. */
export interface Rec {
  id: string
  version: number
  expanded?: Record<string, Rec | Rec[]>
  display?: Display
  /** What a write that gave it was warned of. */
  warnings?: { message: string }[]
  [field: string]: unknown
}

/** What ids are called: texts of references, people and departments that an answer mentions. */
export type Display = Record<string, string>

/** A list of records. */
export interface RecordList {
  records: Rec[]
  next_page_token?: string
  count?: number
  display?: Display
  colors?: Record<string, string[]>
  /** Fields whose values are being worked out: those of now may be of before. */
  computing?: string[]
}

/** valueAt follows a dotted path: the last step is in what was expanded. */
export function valueAt(r: Rec | undefined, path: string): unknown {
  const steps = path.split('.')
  let at: Rec | undefined = r
  for (const step of steps.slice(0, -1)) {
    const next: Rec | Rec[] | undefined = at?.expanded?.[step]
    at = Array.isArray(next) ? next[0] : next
  }
  return at?.[steps[steps.length - 1]!]
}

/** expandOf lists what must be expanded for paths to be readable. */
export function expandOf(paths: string[]): string {
  const out = new Set<string>()
  for (const p of paths) {
    const cut = p.lastIndexOf('.')
    if (cut > 0) out.add(p.slice(0, cut))
  }
  return [...out].join(',')
}

type Shown = Pick<FieldMeta, 'kind' | 'scale' | 'options'> & { currency?: string }

export function optionOf(f: { options?: OptionMeta[] }, name: unknown): OptionMeta | undefined {
  return f.options?.find((o) => o.name === name)
}

const numeric: ReadonlySet<Kind> = new Set<Kind>(['integer', 'decimal', 'money', 'percent'])

/** isEmpty is true for a value that says nothing. */
export const isEmpty = (v: unknown): boolean => v === undefined || v === null || v === ''

/** isNumeric is true for kinds that stand on the right. */
export const isNumeric = (k: Kind): boolean => numeric.has(k)

function one(v: unknown, display: Display | undefined): string {
  if (typeof v === 'string') return display?.[v] ?? v
  if (v && typeof v === 'object' && 'name' in v) return String(v.name)
  return v == null ? '' : String(v)
}

/** currencyOf is what an amount is counted in: what the field beside it says, else what the app counts in. */
export function currencyOf(
  f: { currency?: string; currency_field?: string },
  beside: (name: string) => unknown,
  app?: string,
): string | undefined {
  const said = f.currency_field ? beside(f.currency_field) : undefined
  return typeof said === 'string' && said !== '' ? said : (f.currency ?? app)
}

/** show writes a value as a person reads it. display names references. */
export function show(f: Shown, v: unknown, display?: Display): string {
  if (v === null || v === undefined || v === '') return ''
  switch (f.kind) {
    case 'integer':
      return decimal(String(v))
    case 'decimal':
      return decimal(String(v), 0, f.scale ?? 20)
    case 'money':
      return money(String(v), f.currency)
    case 'percent':
      return percent(String(v))
    case 'boolean':
      return t(v ? 'common.yes' : 'common.no')
    case 'date':
      return day(String(v))
    case 'datetime':
      return moment(String(v))
    case 'time':
      return String(v).slice(0, 5)
    case 'choice':
      return label(optionOf(f, v)?.title, String(v))
    case 'choices':
      return (v as string[]).map((o) => label(optionOf(f, o)?.title, o)).join(t('common.listSeparator'))
    case 'lines':
      return String((v as unknown[]).length)
    case 'json':
      return typeof v === 'string' ? v : JSON.stringify(v)
    default:
      return Array.isArray(v) ? v.map((x) => one(x, display)).join(t('common.listSeparator')) : one(v, display)
  }
}
