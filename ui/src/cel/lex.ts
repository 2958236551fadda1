/** One token of a CEL text: what it is, and where it stands. */
export interface Token {
  kind: 'name' | 'number' | 'text' | 'sign' | 'bad'
  text: string
  start: number
  end: number
}

const shape =
  /\s+|\/\/[^\n]*|(?<text>[rR]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?<number>0x[0-9a-fA-F]+u?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?)|(?<name>[A-Za-z_]\w*)|(?<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()[\]{}=])/y

/** lex splits a CEL text into tokens. What no token begins with is one "bad" token of one character. */
export function lex(source: string): Token[] {
  const out: Token[] = []
  let at = 0
  while (at < source.length) {
    shape.lastIndex = at
    const m = shape.exec(source)
    const text = m?.[0] ?? source[at]!
    const groups = m?.groups
    if (!m) out.push({ kind: 'bad', text, start: at, end: at + 1 })
    else if (groups?.text !== undefined) out.push({ kind: 'text', text, start: at, end: at + text.length })
    else if (groups?.number !== undefined) out.push({ kind: 'number', text, start: at, end: at + text.length })
    else if (groups?.name !== undefined) out.push({ kind: 'name', text, start: at, end: at + text.length })
    else if (groups?.sign !== undefined) out.push({ kind: 'sign', text, start: at, end: at + text.length })
    at += text.length
  }
  return out
}

const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** unquote reads a text literal; undefined where it is of a form that rows don't show. */
export function unquote(literal: string): string | undefined {
  if (/^[rR]|^'''|^"""/.test(literal)) return undefined
  const body = literal.slice(1, -1)
  let known = true
  const out = body.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, e: string) => {
    if (e.length === 5) return String.fromCharCode(Number.parseInt(e.slice(1), 16))
    if (!(e in escapes)) known = false
    return escapes[e] ?? ''
  })
  return known ? out : undefined
}

const special: Record<string, string> = { '\\': '\\\\', "'": "\\'", '\n': '\\n', '\t': '\\t', '\r': '\\r' }

/** quote writes a text literal. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return `'${text.replace(/[\\'\n\t\r]/g, (c) => special[c]!).replace(/[\x00-\x1f\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`
}
