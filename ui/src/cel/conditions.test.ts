import { expect, test } from 'vitest'
import { type Group, type Node, type Operand, type Operator, parse, type Row } from './conditions.ts'
import { finished, print } from './print.ts'

const bare = (n: Node): unknown => {
  if (n.kind === 'group') return { [n.op]: n.items.map(bare) }
  if (n.kind === 'raw') return n.text
  const v = n.value
  return [
    n.path,
    n.op,
    ...(v === undefined
      ? []
      : [v.type === 'list' ? v.items.map((i) => ('text' in i ? i.text : i)) : 'text' in v ? v.text : v]),
  ]
}

test.each<[string, unknown]>([
  ['', { and: [] }],
  ["name == 'a'", { and: [['name', 'eq', 'a']] }],
  ['"it\'s" == name', { and: [['name', 'eq', "it's"]] }],
  ['3 < qty', { and: [['qty', 'gt', '3']] }],
  [
    'qty >= -1.50 && active',
    {
      and: [
        ['qty', 'ge', '-1.50'],
        ['active', 'true'],
      ],
    },
  ],
  ['!active', { and: [['active', 'false']] }],
  ["supplier.region in ['north', 'south']", { and: [['supplier.region', 'in', ['north', 'south']]] }],
  ["!(state in ['draft'])", { and: [['state', 'notIn', ['draft']]] }],
  [
    "'red' in tags || blank(tags)",
    {
      or: [
        ['tags', 'has', 'red'],
        ['tags', 'blank'],
      ],
    },
  ],
  [
    "name.contains('&&') && startsWith(code, 'PO')",
    {
      and: [
        ['name', 'contains', '&&'],
        ['code', 'starts', 'PO'],
      ],
    },
  ],
  ["!name.contains('x')", { and: [['name', 'lacks', 'x']] }],
  [
    'note == null && due_on != null',
    {
      and: [
        ['note', 'blank'],
        ['due_on', 'filled'],
      ],
    },
  ],
  ['due_on <= addDays(today(), 30)', { and: [['due_on', 'le', { type: 'today', days: 30 }]] }],
  ['ordered_on == today()', { and: [['ordered_on', 'eq', { type: 'today', days: 0 }]] }],
  ["ordered_on >= date('2026-01-01')", { and: [['ordered_on', 'ge', '2026-01-01']] }],
  ['owner == user.id', { and: [['owner', 'eq', { type: 'me' }]] }],
  [
    '(a == 1 || b == 2) && c',
    {
      and: [
        {
          or: [
            ['a', 'eq', '1'],
            ['b', 'eq', '2'],
          ],
        },
        ['c', 'true'],
      ],
    },
  ],
  [
    'a && b || c',
    {
      or: [
        {
          and: [
            ['a', 'true'],
            ['b', 'true'],
          ],
        },
        ['c', 'true'],
      ],
    },
  ],
  // What rows can't say stays text.
  ['active && size(tags) > 0', { and: [['active', 'true'], 'size(tags) > 0'] }],
  ['a ? b : c', { and: ['a ? b : c'] }],
  ['qty * price > 100', { and: ['qty * price > 100'] }],
  ["lines.exists(l, l.qty > 1 && l.item == 'x')", { and: ["lines.exists(l, l.qty > 1 && l.item == 'x')"] }],
  ['qty > min_stock', { and: ['qty > min_stock'] }],
  ['a &&', { and: ['a &&'] }],
  ['((a)', { and: ['((a)'] }],
  ["name == r'x'", { and: ["name == r'x'"] }],
  ['a == #', { and: ['a == #'] }],
])('%s is read as rows', (text, want) => {
  expect(bare(parse(text))).toEqual(want)
})

test.each([
  "name == 'a' && (qty > 3 || active)",
  'active && size(tags) > 0',
  '(a == 1 || b == 2) && c',
  ' (active)  &&   "x" == name ',
  'note==null&&3<qty',
])('%s is written as it was read', (text) => {
  expect(print(parse(text)).replace(/\s*&&\s*/g, '&&')).toBe(text.trim().replace(/\s*&&\s*/g, '&&'))
})

test('a raw part is put in brackets where it would bind otherwise', () => {
  const group: Group = {
    kind: 'group',
    op: 'and',
    items: [
      { kind: 'raw', text: 'a ? b : c' },
      { kind: 'raw', text: 'x || f(y || z)' },
      { kind: 'raw', text: 'f(p || q)' },
    ],
  }
  expect(print(group)).toBe('(a ? b : c) && (x || f(y || z)) && f(p || q)')
})

// Random trees: what is written is read as the same, and written the same again.
function random(seed: number): () => number {
  let s = seed
  return () => {
    s = (s * 1103515245 + 12345) % 2147483648
    return s / 2147483648
  }
}

test('reading undoes writing', () => {
  const r = random(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(r() * list.length)]!
  const texts = ['', 'a', "it's", '\\', '"', '\n', '中文%_', '&& ||', '\u0007', "'; DROP TABLE x --", '(', '$x']
  const operand = (): Operand =>
    pick<() => Operand>([
      () => ({ type: 'text', text: pick(texts) }),
      () => ({ type: 'number', text: pick(['0', '-1', '12.50', '99999999999999999999.123456']) }),
      () => ({ type: 'bool', value: r() < 0.5 }),
      () => ({ type: 'date', text: '2026-02-28' }),
      () => ({ type: 'datetime', text: '2026-02-28T08:00:00Z' }),
      () => ({ type: 'today', days: Math.floor(r() * 60) - 30 }),
      () => ({ type: 'me' }),
    ])()
  const row = (): Row => {
    const path = pick(['name', 'supplier.region', 'in_stock', 'a1.b2.c3'])
    const op = pick<Operator>([
      'eq',
      'ne',
      'lt',
      'le',
      'gt',
      'ge',
      'contains',
      'lacks',
      'starts',
      'ends',
      'in',
      'notIn',
      'has',
      'hasNot',
      'blank',
      'filled',
      'true',
      'false',
    ])
    if (['blank', 'filled', 'true', 'false'].includes(op)) return { kind: 'row', path, op }
    if (['contains', 'lacks', 'starts', 'ends'].includes(op))
      return { kind: 'row', path, op, value: { type: 'text', text: pick(texts) } }
    if (op === 'in' || op === 'notIn')
      return {
        kind: 'row',
        path,
        op,
        value: { type: 'list', items: Array.from({ length: Math.floor(r() * 4) }, operand) },
      }
    return { kind: 'row', path, op, value: operand() }
  }
  const tree = (depth: number, op: 'and' | 'or'): Group => ({
    kind: 'group',
    op,
    items: Array.from({ length: 2 + Math.floor(r() * 3) }, () =>
      depth > 0 && r() < 0.3
        ? tree(depth - 1, op === 'and' ? 'or' : 'and')
        : r() < 0.1
          ? { kind: 'raw' as const, text: 'size(tags) > 0' }
          : row(),
    ),
  })
  const strip = (n: Node): Node =>
    n.kind === 'group'
      ? { ...n, items: n.items.map(strip) }
      : n.kind === 'row'
        ? { kind: 'row', path: n.path, op: n.op, ...(n.value ? { value: n.value } : {}) }
        : n
  for (let i = 0; i < 2000; i++) {
    const made = tree(2, r() < 0.5 ? 'and' : 'or')
    const text = print(made)
    const read = parse(text)
    expect(strip(read), text).toEqual(strip(made))
    expect(print(strip(read))).toBe(text)
  }
})

test('what is not filled in yet is not asked', () => {
  const g: Group = {
    kind: 'group',
    op: 'and',
    items: [
      { kind: 'row', path: 'a', op: 'eq' },
      { kind: 'row', path: 'b', op: 'eq', value: { type: 'text', text: '' } },
      { kind: 'row', path: 'c', op: 'true' },
      { kind: 'group', op: 'or', items: [] },
    ],
  }
  expect(print(finished(g))).toBe('c')
})
