import { lex, type Token, unquote } from './lex.ts'

/** What a row compares with. Decimals and dates stay texts. */
export type Operand =
  | { type: 'text'; text: string }
  | { type: 'number'; text: string }
  | { type: 'bool'; value: boolean }
  | { type: 'date'; text: string }
  | { type: 'datetime'; text: string }
  /** Today, so many days later (or, below zero, earlier). */
  | { type: 'today'; days: number }
  /** Whoever asks. */
  | { type: 'me' }
  | { type: 'list'; items: Operand[] }

export type Operator =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'contains'
  | 'lacks'
  | 'starts'
  | 'ends'
  | 'in'
  | 'notIn'
  | 'has'
  | 'hasNot'
  | 'blank'
  | 'filled'
  | 'true'
  | 'false'

/** A condition that people read as field, operator, value. source is its text as it was read. */
export interface Row {
  kind: 'row'
  path: string
  op: Operator
  value?: Operand
  source?: string
}

/** A part that rows can't show; it is kept as it is. */
export interface Raw {
  kind: 'raw'
  text: string
}

export interface Group {
  kind: 'group'
  op: 'and' | 'or'
  items: Node[]
}

export type Node = Row | Raw | Group

const signs: Partial<Record<string, Operator>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
}
const mirrored: Partial<Record<Operator, Operator>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' }
const calls: Partial<Record<string, Operator>> = { contains: 'contains', startsWith: 'starts', endsWith: 'ends' }
const deepest = 20

/** parse reads a CEL condition into groups and rows. Whatever rows can't say stays as text, so nothing is ever lost. */
export function parse(text: string): Group {
  const source = text.trim()
  if (!source) return { kind: 'group', op: 'and', items: [] }
  const node = new Reader(source, lex(source)).node(0)
  return node.kind === 'group' ? node : { kind: 'group', op: 'and', items: [node] }
}

class Reader {
  constructor(
    private readonly source: string,
    private readonly tokens: Token[],
  ) {}

  private slice(): string {
    const { tokens } = this
    return tokens.length ? this.source.slice(tokens[0]!.start, tokens[tokens.length - 1]!.end) : ''
  }

  private part(from: number, to: number): Reader {
    return new Reader(this.source, this.tokens.slice(from, to))
  }

  /** split cuts at a sign outside of brackets; undefined where brackets don't match. */
  private split(sign: string): Reader[] | undefined {
    const cuts: number[] = []
    let depth = 0
    this.tokens.forEach((t, i) => {
      if (t.kind !== 'sign') return
      if ('([{'.includes(t.text)) depth++
      else if (')]}'.includes(t.text)) depth--
      else if (depth === 0 && t.text === sign) cuts.push(i)
      if (depth < 0) depth = Number.NEGATIVE_INFINITY
    })
    if (depth !== 0) return undefined
    const ends = [...cuts, this.tokens.length]
    return ends.map((end, i) => this.part(i === 0 ? 0 : cuts[i - 1]! + 1, end))
  }

  node(depth: number): Node {
    const raw: Raw = { kind: 'raw', text: this.slice() }
    if (depth > deepest || this.tokens.length === 0 || this.tokens.some((t) => t.kind === 'bad')) return raw
    if ((this.split('?')?.length ?? 2) > 1) return raw
    for (const [sign, op] of [
      ['||', 'or'],
      ['&&', 'and'],
    ] as const) {
      const parts = this.split(sign)
      if (!parts || parts.some((p) => p.tokens.length === 0)) return raw
      if (parts.length > 1) return { kind: 'group', op, items: parts.map((p) => p.node(depth + 1)) }
    }
    const inner = this.inside()
    if (inner) {
      const found = inner.node(depth + 1)
      if (found.kind === 'raw') return raw
      return found.kind === 'row' ? { ...found, source: this.slice() } : found
    }
    const row = this.row()
    return row ? { ...row, source: this.slice() } : raw
  }

  /** inside is what stands between brackets that enclose everything. */
  private inside(): Reader | undefined {
    const { tokens } = this
    if (tokens[0]?.text !== '(' || tokens[tokens.length - 1]?.text !== ')') return undefined
    let depth = 0
    for (let i = 0; i < tokens.length; i++) {
      if (tokens[i]!.text === '(' && tokens[i]!.kind === 'sign') depth++
      if (tokens[i]!.text === ')' && tokens[i]!.kind === 'sign' && --depth === 0 && i < tokens.length - 1)
        return undefined
    }
    return this.part(1, tokens.length - 1)
  }

  private row(): Row | undefined {
    const { tokens } = this
    if (tokens[0]?.text === '!') {
      const rest = this.part(1, tokens.length)
      const positive = (rest.inside() ?? rest).row()
      const not = { true: 'false', blank: 'filled', contains: 'lacks', in: 'notIn', has: 'hasNot' } as const
      const op = positive && not[positive.op as keyof typeof not]
      return op && { ...positive, op }
    }
    return this.compared() ?? this.called() ?? this.member() ?? this.flag()
  }

  private compared(): Row | undefined {
    const at = this.tokens.findIndex((t) => t.kind === 'sign' && t.text in signs)
    if (at < 0) return undefined
    const op = signs[this.tokens[at]!.text]!
    const [left, right] = [this.part(0, at), this.part(at + 1, this.tokens.length)]
    const path = left.path()
    if (path) {
      if (right.tokens.length === 1 && right.tokens[0]!.text === 'null') {
        return op === 'eq'
          ? { kind: 'row', path, op: 'blank' }
          : op === 'ne'
            ? { kind: 'row', path, op: 'filled' }
            : undefined
      }
      const value = right.operand()
      return value ? { kind: 'row', path, op, value } : undefined
    }
    const [other, value] = [right.path(), left.operand()]
    return other && value ? { kind: 'row', path: other, op: mirrored[op]!, value } : undefined
  }

  /** blank(x), contains(x, 'a'), x.contains('a') */
  private called(): Row | undefined {
    const { tokens } = this
    const open = tokens.findIndex((t) => t.text === '(')
    if (open < 1 || tokens[tokens.length - 1]?.text !== ')') return undefined
    const args = this.part(open + 1, tokens.length - 1).split(',')
    if (!args) return undefined
    const name = tokens[open - 1]!.text
    if (open === 1) {
      const path = args[0]?.path()
      if (!path) return undefined
      if (name === 'blank' && args.length === 1) return { kind: 'row', path, op: 'blank' }
      return args.length === 2 ? textRow(path, calls[name], args[1]!.operand()) : undefined
    }
    const path = tokens[open - 2]?.text === '.' ? this.part(0, open - 2).path() : undefined
    return path && args.length === 1 ? textRow(path, calls[name], args[0]!.operand()) : undefined
  }

  /** x in ['a', 'b'], 'a' in tags */
  private member(): Row | undefined {
    const at = this.tokens.findIndex((t) => t.kind === 'name' && t.text === 'in')
    if (at < 1) return undefined
    const [left, right] = [this.part(0, at), this.part(at + 1, this.tokens.length)]
    const path = left.path()
    const list = right.operand()
    if (path && list?.type === 'list') return { kind: 'row', path, op: 'in', value: list }
    const [of, value] = [right.path(), left.operand()]
    return of && value ? { kind: 'row', path: of, op: 'has', value } : undefined
  }

  private flag(): Row | undefined {
    const path = this.path()
    return path ? { kind: 'row', path, op: 'true' } : undefined
  }

  /** path is a field, or one reached over references: names with dots between. */
  private path(): string | undefined {
    const { tokens } = this
    if (tokens.length % 2 === 0) return undefined
    const ok = tokens.every((t, i) => (i % 2 === 0 ? t.kind === 'name' : t.text === '.'))
    const path = tokens.map((t) => t.text).join('')
    return ok && !['true', 'false', 'null'].includes(path) && !path.startsWith('user.') ? path : undefined
  }

  private operand(): Operand | undefined {
    const { tokens } = this
    const [first] = tokens
    const text = tokens.map((t) => t.text).join('')
    if (tokens.length === 1 && first?.kind === 'text') {
      const read = unquote(first.text)
      return read === undefined ? undefined : { type: 'text', text: read }
    }
    if (/^-?\d+(\.\d+)?$/.test(text)) return { type: 'number', text }
    if (text === 'true' || text === 'false') return { type: 'bool', value: text === 'true' }
    if (text === 'user.id') return { type: 'me' }
    if (text === 'today()') return { type: 'today', days: 0 }
    const moved = /^addDays\(today\(\),(-?\d{1,6})\)$/.exec(text)
    if (moved) return { type: 'today', days: Number(moved[1]) }
    const dated = /^(date|datetime)\((['"])([0-9T:.Z+-]+)\2\)$/.exec(text)
    if (dated) return { type: dated[1] as 'date' | 'datetime', text: dated[3]! }
    if (first?.text !== '[' || tokens[tokens.length - 1]?.text !== ']') return undefined
    if (tokens.length === 2) return { type: 'list', items: [] }
    const items = this.part(1, tokens.length - 1)
      .split(',')
      ?.map((p) => p.operand())
    return items?.every((i) => i !== undefined) ? { type: 'list', items } : undefined
  }
}

function textRow(path: string, op: Operator | undefined, value: Operand | undefined): Row | undefined {
  return op && value?.type === 'text' ? { kind: 'row', path, op, value } : undefined
}
