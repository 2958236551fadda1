import type { AppMeta, FieldMeta } from '../../meta/types.ts'
import { isBlank, type Line, newLine } from './lines.ts'
import { type FoundOption, given } from './options.ts'
import { type ScanColumn, scanned } from './scan.ts'

/** severalOf lists the references of which several may be chosen at once, a line for each: what stands first in a line, and
 * what bears codes. */
export function severalOf(meta: AppMeta, columns: ScanColumn[]): FieldMeta[] {
  const first = columns[0]
  const own = first?.path === first?.field.name && first?.field.kind === 'reference' && first.field.writable
  const all = [own ? first?.field : undefined, scanned(meta, columns)?.ref]
  return all.filter((f, i): f is FieldMeta => !!f && all.indexOf(f) === i)
}

/** addSeveral puts a line for each choice behind those that are filled in. What a line is about already isn't added again. */
export function addSeveral(rows: Line[], ref: FieldMeta, chosen: FoundOption[]): Line[] {
  const known = new Set(rows.map((l) => l[ref.name]))
  const fresh = chosen.filter((o) => !known.has(o.id))
  return [
    ...rows.filter((l) => !isBlank(l)),
    ...fresh.map((o) => newLine({ [ref.name]: o.id, ...given(o.set).values })),
  ]
}
