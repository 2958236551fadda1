import { narrow } from './text.ts'

// Dates and times as people type them. A date is "2026-11-26", whatever the zone.

const two = (n: number): string => String(n).padStart(2, '0')

/** dayText writes a date of a calendar. */
export const dayText = (y: number, m: number, d: number): string => `${String(y).padStart(4, '0')}-${two(m)}-${two(d)}`

/** today is the date on this device. */
export function today(now = new Date()): string {
  return dayText(now.getFullYear(), now.getMonth() + 1, now.getDate())
}

/** moveDay is the date n days after another. */
export function moveDay(text: string, n: number): string {
  const [y = 0, m = 1, d = 1] = text.split('-').map(Number)
  const at = new Date(Date.UTC(y, m - 1, d + n))
  return dayText(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate())
}

function real(y: number, m: number, d: number): string | undefined {
  const at = new Date(Date.UTC(y, m - 1, d))
  return y >= 1 && y <= 9999 && at.getUTCMonth() === m - 1 && at.getUTCDate() === d ? dayText(y, m, d) : undefined
}

const century = (y: string): number => (y.length === 2 ? 2000 + Number(y) : Number(y))

// Words for days around today, in both languages: they are what one types, not what is shown.
const words: Record<string, number> = {
  '\u4eca\u5929': 0,
  '\u4eca': 0,
  today: 0,
  t: 0,
  '\u660e\u5929': 1,
  tomorrow: 1,
  '\u540e\u5929': 2,
  '\u6628\u5929': -1,
  yesterday: -1,
  '\u524d\u5929': -2,
}

/** readDay reads a typed date: 2026-11-26, 26-11-26, 11-26, 1126, 20261126, 26 (of this month), today,
 * +3. Null for nothing, undefined for what is no date. */
export function readDay(typed: string, now = today()): string | null | undefined {
  const text = narrow(typed).trim().toLowerCase()
  if (text === '') return null
  if (Object.hasOwn(words, text)) return moveDay(now, words[text]!)
  if (/^[+-]\d{1,4}$/.test(text)) return moveDay(now, Number(text))
  const [year = 0, month = 1] = now.split('-').map(Number)
  const parts = text
    .replace(/[\u5e74\u6708./\\\s-]+/g, '-')
    .replace(/[\u65e5\u53f7]$/, '')
    .replace(/-$/, '')
    .split('-')
  if (parts.some((p) => !/^\d+$/.test(p))) return undefined
  if (parts.length === 3) return real(century(parts[0]!), Number(parts[1]), Number(parts[2]))
  if (parts.length === 2) return real(year, Number(parts[0]), Number(parts[1]))
  const [only = ''] = parts
  if (parts.length > 3) return undefined
  if (only.length === 8) return real(Number(only.slice(0, 4)), Number(only.slice(4, 6)), Number(only.slice(6)))
  if (only.length === 6) return real(century(only.slice(0, 2)), Number(only.slice(2, 4)), Number(only.slice(4)))
  if (only.length === 4) return real(year, Number(only.slice(0, 2)), Number(only.slice(2)))
  if (only.length === 3) return real(year, Number(only.slice(0, 1)), Number(only.slice(1)))
  if (only.length <= 2) return real(year, month, Number(only))
  return undefined
}

/** readTime reads a typed time: 8, 8:30, 0830, 8.30, 20:15:30, 8pm. */
export function readTime(typed: string): string | null | undefined {
  const text = narrow(typed).trim().toLowerCase()
  if (text === '') return null
  const m =
    /^(\d{1,2})(?:[:.\u70b9\u65f6]?(\d{2}))?(?:[:.\u5206]?(\d{2}))?\s*(?:\u70b9|\u65f6|\u5206|\u79d2)?(am|pm)?$/.exec(
      text,
    )
  if (!m) return undefined
  let h = Number(m[1])
  if (m[4]) {
    if (h < 1 || h > 12) return undefined
    h = (h % 12) + (m[4] === 'pm' ? 12 : 0)
  }
  const min = Number(m[2] ?? 0)
  const s = Number(m[3] ?? 0)
  return h < 24 && min < 60 && s < 60 ? `${two(h)}:${two(min)}:${two(s)}` : undefined
}

/** momentOf puts a date and a time of this device together as the API writes them. */
export function momentOf(day: string, time: string): string {
  const [y = 0, mo = 1, d = 1] = day.split('-').map(Number)
  const [h = 0, mi = 0, s = 0] = time.split(':').map(Number)
  return new Date(y, mo - 1, d, h, mi, s).toISOString().replace('.000Z', 'Z')
}

/** partsOf is a point in time as date and time of this device. */
export function partsOf(moment: string): { day: string; time: string } | undefined {
  const at = new Date(moment)
  if (Number.isNaN(at.getTime())) return undefined
  return {
    day: dayText(at.getFullYear(), at.getMonth() + 1, at.getDate()),
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  }
}

const unit: Record<string, number> = {
  d: 86400,
  day: 86400,
  days: 86400,
  '\u5929': 86400,
  h: 3600,
  hour: 3600,
  hours: 3600,
  '\u5c0f\u65f6': 3600,
  '\u65f6': 3600,
  m: 60,
  min: 60,
  '\u5206\u949f': 60,
  '\u5206': 60,
  s: 1,
  sec: 1,
  '\u79d2': 1,
}

function iso(seconds: number): string {
  const h = Math.floor(seconds / 3600)
  const m = Math.floor((seconds % 3600) / 60)
  const s = seconds % 60
  return `PT${h ? `${h}H` : ''}${m ? `${m}M` : ''}${s || !seconds ? `${s}S` : ''}`
}

/** readDuration reads a typed length of time: 1:30 (hours and minutes), 90m, 1h30m, 2 days, PT1H30M. */
export function readDuration(typed: string): string | null | undefined {
  const text = narrow(typed).toLowerCase().replace(/\s+/g, '')
  if (text === '') return null
  const given = durationSeconds(text.toUpperCase())
  if (given !== undefined) return iso(given)
  const clock = /^(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(text)
  if (clock) return iso(Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0))
  if (/^\d+$/.test(text)) return iso(Number(text) * 60)
  let seconds = 0
  let rest = text
  while (rest) {
    const m = /^(\d+)(\D+)/.exec(rest)
    const size = m && unit[m[2]!]
    if (!m || !size) return undefined
    seconds += Number(m[1]) * size
    rest = rest.slice(m[0].length)
  }
  return iso(seconds)
}

/** durationSeconds is how long "PT1H30M" is. */
export function durationSeconds(text: string): number | undefined {
  const m = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (!m || text === 'P') return undefined
  const [d, h, mi, s] = m.slice(1).map((x) => Number(x ?? 0)) as [number, number, number, number]
  return d * 86400 + h * 3600 + mi * 60 + s
}

/** durationText is a length of time as one types it: "1:30", or "1:30:15" where there are seconds. */
export function durationText(text: string): string {
  const n = durationSeconds(text)
  if (n === undefined) return text
  const s = n % 60
  return `${Math.floor(n / 3600)}:${two(Math.floor((n % 3600) / 60))}${s ? `:${two(s)}` : ''}`
}
