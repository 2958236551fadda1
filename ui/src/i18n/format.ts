import { locale, t } from './i18n.ts'

// Formats are made once per language and shape; making one costs more than using it a thousand times.
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${locale()}${JSON.stringify(options)}`
  let f = made.get(key) as Intl.NumberFormat | undefined
  if (!f) {
    f = new Intl.NumberFormat(locale(), options)
    made.set(key, f)
  }
  return f
}

function date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${locale()}${JSON.stringify(options)}`
  let f = made.get(key) as Intl.DateTimeFormat | undefined
  if (!f) {
    f = new Intl.DateTimeFormat(locale(), options)
    made.set(key, f)
  }
  return f
}

/** decimal writes an exact decimal ("1234.5000") with grouping: at least min and at most max digits after the point. It
 * never becomes a binary number: Intl takes the text as it is. */
export function decimal(text: string, min = 0, max = 20): string {
  return number({ minimumFractionDigits: min, maximumFractionDigits: Math.max(min, max) }).format(
    text as unknown as number,
  )
}

/** money writes an amount: two digits, more only where the value has them. The yuan is ¥ in every language; others are
 * told apart, as US$ and HK$ are. */
export function money(text: string, currency?: string): string {
  const options: Intl.NumberFormatOptions = { minimumFractionDigits: 2, maximumFractionDigits: 6 }
  const currencyDisplay = currency === 'CNY' ? 'narrowSymbol' : 'symbol'
  if (currency && /^[A-Z]{3}$/.test(currency)) Object.assign(options, { style: 'currency', currency, currencyDisplay })
  return number(options).format(text as unknown as number)
}

/** percent writes a share ("0.05") as 5 %. */
export function percent(text: string): string {
  return number({ style: 'percent', maximumFractionDigits: 4 }).format(text as unknown as number)
}

/** compact writes a large decimal in few characters (1.2 万, 12K), for cards and axes. */
export function compact(text: string): string {
  return number({ notation: 'compact', maximumFractionDigits: 1 }).format(text as unknown as number)
}

/** count writes a whole number with grouping. */
export const count = (n: number): string => number({}).format(n)

/** day writes a date ("2026-11-26") without moving it across time zones. */
export function day(text: string): string {
  const [y, m, d] = text.split('-').map(Number)
  if (!y || !m || !d) return text
  return date({ dateStyle: 'medium', timeZone: 'UTC' }).format(Date.UTC(y, m - 1, d))
}

/** shortDay writes a date for a table: in figures where that is what people write. */
export function shortDay(text: string): string {
  return locale() === 'zh-CN' ? text : day(text)
}

/** shortMoment writes a point in time for a table. */
export function shortMoment(text: string): string {
  const at = new Date(text)
  if (locale() !== 'zh-CN' || Number.isNaN(at.getTime())) return moment(text)
  const two = (n: number) => String(n).padStart(2, '0')
  const on = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${on} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** moment writes a point in time in this device's zone. */
export function moment(text: string): string {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? text : date({ dateStyle: 'medium', timeStyle: 'short' }).format(at)
}

/** ago writes how long ago something was, and the day once that is clearer. */
export function ago(text: string, from = Date.now()): string {
  const minutes = Math.floor((from - new Date(text).getTime()) / 60_000)
  if (Number.isNaN(minutes)) return text
  if (minutes < 1) return t('common.now')
  if (minutes < 60) return t('common.minutesAgo', { n: minutes })
  if (minutes < 24 * 60) return t('common.hoursAgo', { n: Math.floor(minutes / 60) })
  return moment(text)
}

/** bytes writes the size of a file. */
export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let i = 0
  let size = n
  while (size >= 1024 && i < units.length - 1) {
    size /= 1024
    i++
  }
  return `${number({ maximumFractionDigits: size < 10 && i > 0 ? 1 : 0 }).format(size)} ${units[i]}`
}

/** formatDay writes a date in the parts that are asked for, without moving it across time zones. */
export function formatDay(text: string, options: Intl.DateTimeFormatOptions): string {
  const [y, m, d] = text.split('-').map(Number)
  if (!y || !m || !d) return text
  return date({ ...options, timeZone: 'UTC' }).format(Date.UTC(y, m - 1, d))
}

/** clock writes the time of day of a point in time, to the second. */
export function clock(text: string): string {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? text : date({ timeStyle: 'medium' }).format(at)
}
