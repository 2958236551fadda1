import type { Finding } from '../../api/problem.ts'
import type { Display, Rec } from '../../meta/record.ts'
import type { EntityMeta, FieldMeta } from '../../meta/types.ts'
import type { Answer, FieldState, Kept, Sent } from './answer.ts'
import { isBlank, type Line, lineOf, linesOut, newLine, takeLines } from './lines.ts'
import { Listeners } from './listeners.ts'
import { differing } from './merge.ts'

const general = ''

/** FormStore holds a form: what was typed, what the engine says about it, and who wants to know. Typed values are never
 * overwritten by an answer; everything else follows the engine. */
export class FormStore extends Listeners {
  readonly fields: Map<string, FieldMeta>
  base: Rec | undefined
  display: Display
  /** Whether missing values are complained about where nobody has been yet: after a save was refused. */
  scold = false
  private values: Record<string, unknown> = {}
  private touched = new Set<string>()
  private errors = new Map<string, string>()
  private warnings: string[] = []
  private hidden = new Set<string>()
  private required = new Set<string>()
  private readonly: Set<string> | undefined
  private marked = new Set<string>()
  private changedAt = new Map<string, number>()
  private states = new Map<string, FieldState>()
  private stamp = 0
  /** Counts every change, for those who follow the form as a whole. */
  version = 0

  constructor(
    readonly entity: EntityMeta,
    base: Rec | undefined,
    set: Record<string, unknown> = {},
    display: Display = {},
  ) {
    super()
    this.fields = new Map(entity.fields.map((f) => [f.name, f]))
    this.base = base
    this.display = { ...base?.display, ...display }
    for (const f of entity.fields) {
      this.values[f.name] = this.incoming(f, base?.[f.name])
      if (f.required) this.required.add(f.name)
    }
    for (const [name, v] of Object.entries(set)) {
      const f = this.fields.get(name)
      if (!f?.writable) continue
      this.values[name] = f.kind === 'lines' ? (v as Record<string, unknown>[]).map((l) => lineOf(l, true)) : v
      this.touched.add(name)
    }
  }

  private incoming(f: FieldMeta, v: unknown): unknown {
    return f.kind === 'lines'
      ? ((v as Record<string, unknown>[] | null) ?? []).map((l) => lineOf(l, false))
      : (v ?? null)
  }

  get(name: string): FieldState {
    let s = this.states.get(name)
    if (!s) {
      s = {
        value: this.values[name] ?? null,
        error: this.errors.get(name),
        hidden: this.hidden.has(name),
        required: this.required.has(name),
        readonly: this.isReadonly(name),
        touched: this.touched.has(name),
        marked: this.marked.has(name),
      }
      this.states.set(name, s)
    }
    return s
  }

  private isReadonly(name: string): boolean {
    if (this.readonly?.has(name)) return true
    return !this.fields.get(name)?.writable
  }

  lines(name: string): Line[] {
    return (this.values[name] as Line[] | null) ?? []
  }

  lineError(name: string, key: string, field: string): string | undefined {
    return this.errors.get(`${name}/${key}/${field}`)
  }

  isHidden(name: string, unasked = false): boolean {
    return this.hidden.has(name) || (unasked && !this.readonly)
  }

  /** Findings by path: "supplier", "lines/<key>/qty", "" for the record as a whole. */
  allErrors(): [string, string][] {
    return [...this.errors]
  }

  allWarnings(): string[] {
    return this.warnings
  }

  get dirty(): boolean {
    return this.touched.size > 0
  }

  touchedNames(): string[] {
    return [...this.touched]
  }

  /** May anything be changed at all? Unknown until the engine has answered. */
  editable(names: string[]): boolean {
    return names.some((n) => this.fields.get(n)?.writable && !this.isReadonly(n))
  }

  set(name: string, v: unknown): void {
    this.values[name] = v
    this.touch(name)
  }

  setLines(name: string, lines: Line[], counts = true): void {
    this.values[name] = lines
    if (counts) this.touch(name)
    else this.tell([name, general])
  }

  private touch(name: string): void {
    this.touched.add(name)
    this.marked.delete(name)
    this.changedAt.set(name, ++this.stamp)
    this.tell([name, general])
  }

  learn(d: Display): void {
    const fresh = Object.keys(d).filter((k) => this.display[k] !== d[k])
    if (fresh.length === 0) return
    this.display = { ...this.display, ...d }
    this.tell([...this.fields.keys()].filter((n) => this.mentions(n, fresh)))
  }

  private mentions(name: string, ids: string[]): boolean {
    const v = this.values[name]
    if (Array.isArray(v) && typeof v[0] === 'object') return true
    return ids.some((id) => v === id || (Array.isArray(v) && v.includes(id)))
  }

  unmark(): void {
    const names = [...this.marked]
    this.marked.clear()
    this.tell(names)
  }

  /** patch is what was touched: the engine gives the rest. Lines that nobody has filled in are left out. */
  patch(blanks = false): { values: Record<string, unknown>; sent: Sent } {
    const values: Record<string, unknown> = {}
    const sent: Sent = { stamp: this.stamp, lines: {} }
    for (const name of this.touched) {
      const f = this.fields.get(name)
      if (f?.kind === 'lines') {
        const rows = this.lines(name).filter((l) => blanks || !isBlank(l))
        values[name] = linesOut(rows, f)
        sent.lines[name] = rows.map((l) => l.$key)
      } else values[name] = this.values[name]
    }
    return { values, sent }
  }

  // What comes back

  /** take puts an answer into the form: values that nobody typed, conditions, findings. What was changed after the question
   * was asked keeps its findings until the next answer. */
  take(a: Answer, sent: Sent): void {
    const told = new Set<string>([general])
    for (const [name, v] of Object.entries(a.values)) {
      const f = this.fields.get(name)
      if (!f || (this.touched.has(name) && f.kind !== 'lines')) continue
      if (f.kind === 'lines') {
        const next = takeLines(
          f,
          this.lines(name),
          v as Record<string, unknown>[],
          sent.lines[name],
          this.touched.has(name),
        )
        if (next) {
          this.values[name] = next
          told.add(name)
        }
      } else if (JSON.stringify(this.values[name] ?? null) !== JSON.stringify(v ?? null)) {
        this.values[name] = v
        told.add(name)
      }
    }
    // An answer without a form's view names only what its conditions require; what the entity requires stays required.
    const always = [...this.fields.values()].filter((f) => f.required).map((f) => f.name)
    const required = [...new Set([...always, ...a.required])]
    for (const [old, next] of [
      [this.hidden, a.hidden],
      [this.required, required],
      [this.readonly ?? new Set<string>(), a.readonly],
    ] as const) {
      for (const n of next) if (!old.has(n)) told.add(n)
      for (const n of old) if (!next.includes(n)) told.add(n)
    }
    this.hidden = new Set(a.hidden)
    this.required = new Set(required)
    this.readonly = new Set(a.readonly)
    this.find(a.diagnostics, sent, '/values').forEach((n) => void told.add(n))
    if (a.display) this.learn(a.display)
    this.tell([...told])
  }

  /** refuse shows why a save was refused. */
  refuse(findings: Finding[], detail: string, sent: Sent): void {
    this.scold = true
    const told = this.find(findings.length ? findings : [{ pointer: '', code: '', message: detail }], sent, '')
    this.tell([...told, general])
  }

  private find(findings: Finding[], sent: Sent, prefix: string): string[] {
    const next = new Map<string, string>()
    this.warnings = findings.filter((d) => d.severity === 'warning').map((d) => d.message)
    for (const d of findings) {
      if (d.severity === 'warning') continue
      const path = this.pathOf(d.pointer.slice(prefix.length), sent)
      const late = (this.changedAt.get(path.split('/')[0]!) ?? 0) > sent.stamp
      if (late) continue
      const text = d.cure && !d.message.includes(d.cure) && path === '' ? `${d.message} ${d.cure}` : d.message
      next.set(path, next.has(path) ? `${next.get(path)} ${text}` : text)
    }
    for (const [path, text] of this.errors) {
      const late = (this.changedAt.get(path.split('/')[0]!) ?? 0) > sent.stamp
      if (late && !next.has(path)) next.set(path, text)
    }
    const changed = [...new Set([...this.errors.keys(), ...next.keys()])].filter(
      (k) => this.errors.get(k) !== next.get(k),
    )
    this.errors = next
    return changed.map((k) => k.split('/')[0]!)
  }

  /** placeOf is which place of the form a pointer of the server means, as the form stands. */
  placeOf(pointer: string): string {
    return this.pathOf(pointer, this.patch().sent)
  }

  private pathOf(pointer: string, sent: Sent): string {
    const [name = '', index, field] = pointer.split('/').slice(1)
    if (!this.fields.has(name)) return general
    if (index === undefined) return name
    const keys = sent.lines[name] ?? this.lines(name).map((l) => l.$key)
    const key = keys[Number(index)]
    return key ? `${name}/${key}/${field ?? ''}` : name
  }

  /** adopt takes over what the server has now, and keeps of what was typed what is given. */
  adopt(rec: Rec, keep: Record<string, unknown> = {}, mark = false): string[] {
    const changed = differing(this.entity.fields, this.base, rec)
    this.base = rec
    this.learn(rec.display ?? {})
    this.touched = new Set(Object.keys(keep))
    for (const f of this.fields.values()) {
      this.values[f.name] = f.name in keep ? keep[f.name] : this.incoming(f, rec[f.name])
      if (f.name in keep) this.changedAt.set(f.name, ++this.stamp)
    }
    if (mark) this.marked = new Set(changed)
    this.errors = new Map()
    this.scold = false
    this.tell([...this.fields.keys(), general])
    return changed
  }

  /** keep is what a draft must hold to bring the form back. */
  keep(at: string): Kept {
    const values: Record<string, unknown> = {}
    for (const n of this.touched) values[n] = this.values[n]
    return { version: this.base?.version ?? 0, values, display: this.display, at }
  }

  /** restore brings a draft back. */
  restore(k: Kept): void {
    this.learn(k.display)
    for (const [name, v] of Object.entries(k.values)) if (this.fields.get(name)?.writable) this.set(name, v)
  }

  private tell(names: string[]): void {
    this.version++
    for (const n of names) this.states.delete(n)
    this.call(names)
  }

  addLine(name: string, at: number, values: Record<string, unknown> = {}): Line {
    const line = newLine(values)
    const list = this.lines(name)
    this.setLines(name, [...list.slice(0, at), line, ...list.slice(at)], Object.keys(values).length > 0)
    return line
  }
}
