import type { Group, Node, Operand, Operator, Row } from './conditions.ts'
import { lex, quote } from './lex.ts'

const signOf: Partial<Record<Operator, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' }
const callOf: Partial<Record<Operator, string>> = {
  contains: 'contains',
  lacks: 'contains',
  starts: 'startsWith',
  ends: 'endsWith',
}

/** print writes conditions as CEL. Rows that nobody changed keep the text that they were read from. */
export function print(node: Node): string {
  switch (node.kind) {
    case 'raw':
      return node.text.trim()
    case 'row':
      return node.source ?? printRow(node)
    case 'group': {
      const items = node.items.map((i) => bracketed(i, node.op)).filter((s) => s !== '')
      return items.join(node.op === 'and' ? ' && ' : ' || ')
    }
  }
}

function bracketed(node: Node, within: 'and' | 'or'): string {
  const text = print(node)
  if (node.kind === 'group') return node.items.filter((i) => print(i) !== '').length > 1 ? `(${text})` : text
  if (node.kind !== 'raw' || !text) return text
  const loose = new Set(within === 'and' ? ['?', '||'] : ['?'])
  let depth = 0
  const binds = lex(text).some((t) => {
    if (t.kind !== 'sign') return false
    if ('([{'.includes(t.text)) depth++
    if (')]}'.includes(t.text)) depth--
    return depth === 0 && loose.has(t.text)
  })
  return binds ? `(${text})` : text
}

function printRow(row: Row): string {
  const { path, op, value } = row
  const v = value ? printOperand(value) : ''
  switch (op) {
    case 'true':
      return path
    case 'false':
      return `!${path}`
    case 'blank':
      return `blank(${path})`
    case 'filled':
      return `!blank(${path})`
    case 'in':
      return `${path} in ${v}`
    case 'notIn':
      return `!(${path} in ${v})`
    case 'has':
      return `${v} in ${path}`
    case 'hasNot':
      return `!(${v} in ${path})`
    case 'lacks':
      return `!${path}.contains(${v})`
    default:
      return callOf[op] ? `${path}.${callOf[op]}(${v})` : `${path} ${signOf[op]} ${v}`
  }
}

function printOperand(v: Operand): string {
  switch (v.type) {
    case 'text':
      return quote(v.text)
    case 'number':
      return v.text
    case 'bool':
      return String(v.value)
    case 'date':
    case 'datetime':
      return `${v.type}('${v.text}')`
    case 'today':
      return v.days === 0 ? 'today()' : `addDays(today(), ${v.days})`
    case 'me':
      return 'user.id'
    case 'list':
      return `[${v.items.map(printOperand).join(', ')}]`
  }
}

/** complete is true for a row that has all that it needs; rows that lack a value are left out of what is asked. */
export function complete(node: Node): boolean {
  if (node.kind === 'raw') return node.text.trim() !== ''
  if (node.kind === 'group') return node.items.some(complete)
  if (['true', 'false', 'blank', 'filled'].includes(node.op)) return true
  const v = node.value
  if (!v) return false
  if (v.type === 'list') return v.items.length > 0
  return !('text' in v) || v.text !== ''
}

/** finished drops what is not filled in yet. */
export function finished(group: Group): Group {
  return { ...group, items: group.items.filter(complete).map((i) => (i.kind === 'group' ? finished(i) : i)) }
}
