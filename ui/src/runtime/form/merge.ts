import type { Rec } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { change, type Line, lineOf } from './lines.ts'
import { same as sameDecimal } from './text.ts'

/** A place that two people changed in different ways. */
export interface Conflict {
  /** "supplier", or "lines/<id>/qty", or "lines/<id>" where one removed the line. */
  path: string
  field: FieldMeta
  /** The column, where the place is in a line. */
  column?: FieldMeta
  base: unknown
  mine: unknown
  theirs: unknown
}

export interface Merged {
  conflicts: Conflict[]
  /** Fields that only the others changed. */
  theirs: string[]
  /** What is kept of mine, once each conflict is decided: "mine" or "theirs" by path. */
  resolve: (chosen: Record<string, 'mine' | 'theirs'>) => Record<string, unknown>
}

const decimals: ReadonlySet<string> = new Set(['decimal', 'money', 'percent'])

/** sameValue compares two values of a field as the API writes them. */
export function sameValue(f: FieldMeta, a: unknown, b: unknown): boolean {
  if (a === b || (a ?? '') === (b ?? '')) return true
  if (decimals.has(f.kind) && typeof a === 'string' && typeof b === 'string') return sameDecimal(a, b)
  if (Array.isArray(a) || Array.isArray(b)) {
    const x = (a as unknown[] | null) ?? []
    const y = (b as unknown[] | null) ?? []
    return JSON.stringify(x) === JSON.stringify(y)
  }
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b)
}

const stamps: ReadonlySet<string> = new Set(['version', 'updated_at', 'updated_by'])

/** differing are the fields of which a record has something else than before. */
export const differing = (fields: FieldMeta[], before: Rec | undefined, now: Rec): string[] =>
  fields.filter((f) => !stamps.has(f.name) && !sameValue(f, before?.[f.name], now[f.name])).map((f) => f.name)

function lineBack(f: FieldMeta, now: Line[], row: Record<string, unknown>): Line {
  const l = now.find((x) => x.id === row.id)
  if (!l) return lineOf(row, true) // it is gone: a new one like it
  const differ = (f.lines ?? []).filter((c) => c.writable && !sameValue(c, l[c.name], row[c.name]))
  return differ.reduce((out, c) => change([out], l.$key, c.name, row[c.name] ?? null)[0]!, l)
}

/** putBack is what a form holds once values of before are entered again. What can't be written is left out. */
export function putBack(
  fields: FieldMeta[],
  lines: (name: string) => Line[],
  before: Record<string, unknown>,
): Record<string, unknown> {
  const may = fields.filter((f) => f.writable && !f.masked && f.name in before)
  return Object.fromEntries(
    may.map((f) => [
      f.name,
      f.kind === 'lines' ? rows(before[f.name]).map((r) => lineBack(f, lines(f.name), r)) : (before[f.name] ?? null),
    ]),
  )
}

/** merge compares what I typed over a base with what the record has become. */
export function merge(fields: FieldMeta[], base: Rec, mine: Record<string, unknown>, theirs: Rec): Merged {
  const conflicts: Conflict[] = []
  const others: string[] = []
  const keepers: ((chosen: Record<string, 'mine' | 'theirs'>, keep: Record<string, unknown>) => void)[] = []
  for (const f of fields) {
    if (!f.writable) continue
    if (f.kind === 'lines') {
      if (!sameLines(f, base[f.name], theirs[f.name])) others.push(f.name)
      if (f.name in mine) {
        const m = mergeLines(f, rows(base[f.name]), mine[f.name] as Line[], rows(theirs[f.name]))
        conflicts.push(...m.conflicts)
        keepers.push((chosen, keep) => {
          keep[f.name] = m.resolve(chosen)
        })
      }
      continue
    }
    const changed = !sameValue(f, base[f.name], theirs[f.name])
    if (changed) others.push(f.name)
    if (!(f.name in mine)) continue
    const v = mine[f.name]
    const clash = changed && !sameValue(f, v, theirs[f.name])
    if (clash) conflicts.push({ path: f.name, field: f, base: base[f.name], mine: v, theirs: theirs[f.name] })
    keepers.push((chosen, keep) => {
      if (!clash || chosen[f.name] === 'mine') keep[f.name] = v
    })
  }
  return {
    conflicts,
    theirs: others,
    resolve: (chosen) => {
      const keep: Record<string, unknown> = {}
      for (const k of keepers) k(chosen, keep)
      return keep
    },
  }
}

const rows = (v: unknown): Record<string, unknown>[] => (v as Record<string, unknown>[] | null) ?? []

function sameRow(f: FieldMeta, a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  return (f.lines ?? []).every((c) => !c.writable || sameValue(c, a[c.name], b[c.name]))
}

function sameLines(f: FieldMeta, a: unknown, b: unknown): boolean {
  const x = rows(a)
  const y = rows(b)
  return x.length === y.length && x.every((l, i) => l.id === y[i]!.id && sameRow(f, l, y[i]!))
}

type Chosen = Record<string, 'mine' | 'theirs'>

function mergeLines(f: FieldMeta, base: Record<string, unknown>[], mine: Line[], theirs: Record<string, unknown>[]) {
  const conflicts: Conflict[] = []
  const before = new Map(base.map((l) => [l.id as string, l]))
  const now = new Map(theirs.map((l) => [l.id as string, l]))
  const kept = new Set(mine.map((l) => l.id))
  const steps: ((chosen: Chosen) => Line | undefined)[] = []
  for (const l of mine) {
    const t = l.id ? now.get(l.id) : undefined
    if (!l.id) steps.push(() => l)
    else if (t) steps.push(mergeLine(f, before.get(l.id), l, t, conflicts))
    else if (l.$touched.length > 0) {
      const path = `${f.name}/${l.id}`
      conflicts.push({ path, field: f, base: before.get(l.id), mine: l, theirs: null })
      // A line that is gone can only come back as a new one.
      steps.push((chosen) => (chosen[path] === 'mine' ? { ...l, id: undefined, $touched: filled(f, l) } : undefined))
    }
  }
  for (const t of theirs) {
    const id = t.id as string
    if (kept.has(id)) continue
    const b = before.get(id)
    const back = (): Line => ({ ...t, $key: id, $touched: [] })
    if (!b) steps.push(back)
    else if (!sameRow(f, b, t)) {
      const path = `${f.name}/${id}`
      conflicts.push({ path, field: f, base: b, mine: null, theirs: t })
      steps.push((chosen) => (chosen[path] === 'theirs' ? back() : undefined))
    }
  }
  return { conflicts, resolve: (chosen: Chosen): Line[] => steps.flatMap((s) => s(chosen) ?? []) }
}

const filled = (f: FieldMeta, l: Line): string[] =>
  (f.lines ?? []).filter((c) => c.writable && l[c.name] != null).map((c) => c.name)

function mergeLine(
  f: FieldMeta,
  base: Record<string, unknown> | undefined,
  mine: Line,
  theirs: Record<string, unknown>,
  conflicts: Conflict[],
) {
  const clashes: string[] = []
  for (const c of f.lines ?? []) {
    if (!mine.$touched.includes(c.name)) continue
    if (sameValue(c, base?.[c.name], theirs[c.name]) || sameValue(c, mine[c.name], theirs[c.name])) continue
    clashes.push(c.name)
    conflicts.push({
      path: `${f.name}/${mine.id}/${c.name}`,
      field: f,
      column: c,
      base: base?.[c.name],
      mine: mine[c.name],
      theirs: theirs[c.name],
    })
  }
  return (chosen: Chosen): Line => {
    const touched = mine.$touched.filter((n) => !clashes.includes(n) || chosen[`${f.name}/${mine.id}/${n}`] === 'mine')
    const out: Line = { ...theirs, id: mine.id, $key: mine.$key, $touched: touched }
    for (const n of touched) out[n] = mine[n]
    return out
  }
}
