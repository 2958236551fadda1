import type { GroupMeta } from './types.ts'

const most = 400 // periods of a chart, beyond which none are filled in

const months = { month: 1, quarter: 3, year: 12 } as const

/** after is the key of the next period: keys are the first days of their periods. */
function after(key: string, by: NonNullable<GroupMeta['by']>): string {
  const at = new Date(`${key.slice(0, 10)}T00:00:00Z`)
  if (by === 'day' || by === 'week') at.setUTCDate(at.getUTCDate() + (by === 'day' ? 1 : 7))
  else at.setUTCMonth(at.getUTCMonth() + months[by])
  return at.toISOString().slice(0, 10)
}

/** filled puts keys of time in their order, with those between them that have no data. Where there are too many, or keys
 * are no days, they stay as they come. */
export function filled(keys: string[], by: NonNullable<GroupMeta['by']>): string[] {
  const known = [...keys].sort()
  const last = known.at(-1)
  if (!last || known.some((k) => !/^\d{4}-\d\d-\d\d$/.test(k))) return keys
  const out: string[] = []
  for (let k = known[0]!; k <= last; k = after(k, by)) if (out.push(k) > most) return known
  return known.every((k) => out.includes(k)) ? out : known
}
