// Numbers as people type them, and as the API writes them. Everything here is text: a quantity or an amount never
// becomes a binary number.

const wide = /[\uff01-\uff5e]/g
const spaces = /[\s\u00a0\u202f\u3000]/g

/** narrow turns full-width characters into those that a keyboard in English has: "１２．５％" → "12.5%". */
export function narrow(text: string): string {
  return text.replace(wide, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3002/g, '.')
}

/** readDecimal reads what was typed as an exact decimal: grouping and currency signs are dropped, ".5" is "0.5". Null
 * for nothing, undefined for what is no number. */
export function readDecimal(typed: string): string | null | undefined {
  const text = narrow(typed)
    .replace(spaces, '')
    .replace(/[,'_]/g, '')
    .replace(/^([-+]?)[\u00a5\uffe5$\u20ac\u00a3]/, '$1')
    .replace(/^[\u00a5$\u20ac\u00a3]([-+]?)/, '$1')
  if (text === '') return null
  const m = /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(text)
  if (!m || (!m[2] && !m[3])) return undefined
  const whole = (m[2] ?? '').replace(/^0+(?=\d)/, '') || '0'
  const sign = m[1] === '-' && /[1-9]/.test(whole + (m[3] ?? '')) ? '-' : ''
  return `${sign}${whole}${m[3] ? `.${m[3]}` : ''}`
}

/** trim drops zeros that say nothing: "12.5000" → "12.5", "-0.00" → "0". */
export function trim(text: string): string {
  if (!text.includes('.')) return text
  const out = text.replace(/0+$/, '').replace(/\.$/, '')
  return out === '-0' ? '0' : out
}

/** shift moves the decimal point to the right, or to the left for a negative n. */
export function shift(text: string, n: number): string {
  const sign = text.startsWith('-') ? '-' : ''
  const [whole = '0', rest = ''] = text.replace(/^[-+]/, '').split('.')
  const at = whole.length + n
  const digits = whole + rest
  const left = at <= 0 ? '0' : digits.slice(0, at).padEnd(at, '0')
  const right = at <= 0 ? '0'.repeat(-at) + digits : digits.slice(at)
  const out = trim(`${left.replace(/^0+(?=\d)/, '')}${right ? `.${right}` : ''}`)
  return out === '0' ? '0' : sign + out
}

/** readPercent reads "5", "5 %" or "5％" as the share "0.05". */
export function readPercent(typed: string): string | null | undefined {
  const n = readDecimal(narrow(typed).replace(/%\s*$/, ''))
  return n ? shift(n, -2) : n
}

/** percentText is a share as one types it: "0.05" → "5". */
export const percentText = (share: string): string => shift(share, 2)

/** add is the exact sum of two decimals. */
export function add(a: string, b: string): string {
  const scale = Math.max(fraction(a), fraction(b))
  const sum = units(a, scale) + units(b, scale)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0')
  const cut = digits.length - scale
  return `${sum < 0n ? '-' : ''}${digits.slice(0, cut)}${scale ? `.${digits.slice(cut)}` : ''}`
}

const fraction = (s: string): number => s.split('.')[1]?.length ?? 0

function units(s: string, scale: number): bigint {
  const [whole = '0', rest = ''] = s.replace(/^[-+]/, '').split('.')
  const n = BigInt((whole || '0') + rest.padEnd(scale, '0'))
  return s.startsWith('-') ? -n : n
}

/** same is true for decimals that are written differently and mean the same: "1.50" and "1.5". */
export function same(a: string, b: string): boolean {
  return trim(a) === trim(b)
}
