import { label } from '../i18n/i18n.ts'
import { entityOf } from '../meta/find.ts'
import type { AppMeta, EntityMeta, FieldMeta } from '../meta/types.ts'
import { lex, type Token, unquote } from './lex.ts'

/** A piece of a formula: as it is written, or the name that people know a field by. */
export interface Words {
  text: string
  name: boolean
}

/** Where names are looked up: the fields of a record, or of lines with the record above. */
interface Scope {
  fields: FieldMeta[]
  above?: EntityMeta
}

/** scopeOf finds the fields of an entity, or of the entity of somebody's lines. */
export function scopeOf(meta: AppMeta, name: string | undefined): (Scope & { title: string }) | undefined {
  if (!name) return undefined
  const e = entityOf(meta, name)
  if (e) return { fields: e.fields, title: label(e.title, name) }
  for (const above of meta.entities) {
    const f = above.fields.find((x) => x.kind === 'lines' && x.target === name)
    if (f?.lines) return { fields: f.lines, above, title: `${label(above.title)} · ${label(f.title)}` }
  }
  return undefined
}

/** walk follows names as far as they are fields, and tells what people call them. */
function walk(meta: AppMeta, from: Scope, names: string[]): { titles: string[]; field?: FieldMeta; used: number } {
  let at: Scope | undefined = from
  const titles: string[] = []
  let field: FieldMeta | undefined
  let used = 0
  for (const name of names) {
    if (at?.above && name === 'parent') {
      titles.push(label(at.above.title, name))
      field = undefined
      at = { fields: at.above.fields }
    } else {
      const f: FieldMeta | undefined = at?.fields.find((x) => x.name === name)
      if (!f) break
      titles.push(label(f.title, name))
      field = f
      at = scopeOf(meta, f.target)
    }
    used++
  }
  return { titles, field, used }
}

/** inWords writes a formula with the titles of fields and options in the place of their names. What it doesn't know stays as
 * it is written. */
export function inWords(source: string, entity: string, meta: AppMeta): Words[] {
  const own = scopeOf(meta, entity) ?? { fields: [] }
  const bound = new Map<string, Scope>()
  const tokens = lex(source)
  const is = (i: number, text: string): boolean => tokens[i]?.text === text
  const out: Words[] = []
  let at = 0 // in the source
  let last: FieldMeta | undefined // whose options a text may be
  const put = (text: string, from: Token, to: Token): void => {
    if (from.start > at) out.push({ text: source.slice(at, from.start), name: false })
    out.push({ text, name: true })
    at = to.end
  }
  /** bind remembers what the variable of a loop stands for: "(l," after what is looped over. */
  const bind = (i: number, scope: Scope | undefined): void => {
    const v = tokens[i + 1]
    if (scope && is(i, '(') && v?.kind === 'name' && is(i + 2, ',')) bound.set(v.text, scope)
  }
  for (let i = 0; i < tokens.length; i++) {
    const t = tokens[i]!
    if (t.kind === 'text') {
      const option = last?.options?.find((o) => o.name === unquote(t.text))
      if (option) put(label(option.title, option.name), t, t)
      continue
    }
    if (t.kind !== 'name' || is(i - 1, '.')) continue
    if (is(i + 1, '(')) {
      const of = scopeOf(meta, tokens[i + 2]?.text)
      if (of && is(i + 3, ',') && tokens[i + 4]?.kind === 'name') {
        bound.set(tokens[i + 4]!.text, of)
        put(of.title, tokens[i + 2]!, tokens[i + 2]!)
        i += 2
      }
      continue
    }
    const names = [t]
    while (is(i + 2 * names.length - 1, '.') && tokens[i + 2 * names.length]?.kind === 'name') {
      if (is(i + 2 * names.length + 1, '(')) break
      names.push(tokens[i + 2 * names.length]!)
    }
    const variable = bound.get(t.text)
    const skip = variable ? 1 : 0
    const found = walk(
      meta,
      variable ?? own,
      names.slice(skip).map((n) => n.text),
    )
    if (found.used === 0) continue
    const end = names[skip + found.used - 1]!
    put(found.titles.join(' · '), t, end)
    last = found.field
    i += 2 * (skip + found.used - 1)
    if (found.field?.kind === 'lines' && is(i + 1, '.')) bind(i + 3, scopeOf(meta, found.field.target))
  }
  if (at < source.length) out.push({ text: source.slice(at), name: false })
  return out
}

/** titleIn names a field of an entity or of lines; undefined where a formula stands instead. */
export function titleIn(meta: AppMeta, entity: string, name: string): string | undefined {
  const f = scopeOf(meta, entity)?.fields.find((x) => x.name === name)
  return f && label(f.title, name)
}
