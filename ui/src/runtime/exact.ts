// Exact decimals stay texts; what little is reckoned with them in the browser is done in whole numbers.

const scaleOf = (t: string): number => t.split('.')[1]?.length ?? 0

function whole(t: string, scale: number): bigint {
  const [units = '0', part = ''] = t.split('.')
  return BigInt(units + part.padEnd(scale, '0'))
}

function text(n: bigint, scale: number): string {
  if (scale === 0) return n.toString()
  const minus = n < 0n
  const digits = (minus ? -n : n).toString().padStart(scale + 1, '0')
  return `${minus ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** addUp adds exact decimals. */
export function addUp(texts: string[]): string {
  const scale = Math.max(0, ...texts.map(scaleOf))
  return text(
    texts.reduce((n, t) => n + whole(t, scale), 0n),
    scale,
  )
}

/** less is the difference of two decimals. */
export function less(a: string, b: string): string {
  const scale = Math.max(scaleOf(a), scaleOf(b))
  return text(whole(a, scale) - whole(b, scale), scale)
}

/** sign is -1, 0 or 1. */
export function sign(t: string): number {
  const n = whole(t, scaleOf(t))
  return n < 0n ? -1 : n > 0n ? 1 : 0
}

const digits = 3 // of a share: one of a percentage

/** shareOf is a part of a whole as a share ("0.125"), rounded half up; undefined where the whole is nothing. */
export function shareOf(part: string, of: string): string | undefined {
  const scale = Math.max(scaleOf(part), scaleOf(of))
  const [a, b] = [whole(part, scale), whole(of, scale)]
  if (b === 0n) return undefined
  const size = b < 0n ? -b : b
  const twice = 2n * a * 10n ** BigInt(digits)
  const half = twice < 0n ? -size : size
  return text((twice + half) / (2n * size), digits)
}
