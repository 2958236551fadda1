// Months as texts ("2026-10") and their days as texts: no time of day and no zone is in them.

const two = (n: number): string => String(n).padStart(2, '0')

/** todayIn is the date in a zone of the world. */
export function todayIn(zone: string, now = new Date()): string {
  const part = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
      .formatToParts(now)
      .map((p) => [p.type, p.value]),
  )
  return `${part.year}-${part.month}-${part.day}`
}

/** lastDay is the last day of a month. */
export function lastDay(month: string): string {
  const [y = 0, m = 1] = month.split('-').map(Number)
  return `${month}-${two(new Date(Date.UTC(y, m, 0)).getUTCDate())}`
}

/** monthsBefore lists the n months before that of a day, the latest first. */
export function monthsBefore(day: string, n: number): string[] {
  const [y = 0, m = 1] = day.split('-').map(Number)
  return Array.from({ length: n }, (_, i) => {
    const at = new Date(Date.UTC(y, m - 2 - i, 1))
    return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}`
  })
}
