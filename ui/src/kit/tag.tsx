import type { ReactNode } from 'react'
import type { ColorName } from '../meta/types.ts'

const names: ReadonlySet<string> = new Set(['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'gray'])

// Documents may give an option's colour as #rrggbb. What is shown is the nearest of the palette, whose inks can be read
// on their grounds in both themes.
const hues: [number, ColorName][] = [
  [15, 'red'],
  [42, 'orange'],
  [68, 'yellow'],
  [170, 'green'],
  [255, 'blue'],
  [330, 'purple'],
  [361, 'red'],
]

/** paletteOf is the palette's colour nearest to a document's. */
export function paletteOf(color: string | undefined): ColorName {
  if (!color) return 'gray'
  if (names.has(color)) return color as ColorName
  const m = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color)
  if (!m) return 'gray'
  const [r, g, b] = m.slice(1).map((x) => Number.parseInt(x, 16) / 255) as [number, number, number]
  const max = Math.max(r, g, b)
  const span = max - Math.min(r, g, b)
  if (span < 0.12) return 'gray'
  const h = max === r ? ((g - b) / span + 6) % 6 : max === g ? (b - r) / span + 2 : (r - g) / span + 4
  return hues.find(([end]) => h * 60 < end)?.[1] ?? 'gray'
}

/** Tag is a short word on a coloured ground: a state, an option. */
export function Tag({ color, children }: { color?: string; children: ReactNode }) {
  return <span className={`tag tint-${paletteOf(color)}`}>{children}</span>
}

/** Avatar is the first character of a name on a ground that the name decides. */
export function Avatar({ name, size = 28 }: { name: string; size?: number }) {
  const order: ColorName[] = ['green', 'blue', 'purple', 'orange', 'red', 'gray']
  const sum = [...name].reduce((n, c) => n + (c.codePointAt(0) ?? 0), 0)
  return (
    <span
      className={`avatar tint-${order[sum % order.length]}`}
      style={{ width: size, height: size, fontSize: size * 0.45 }}
      aria-hidden
    >
      {[...name.trim()][0]?.toUpperCase() ?? '?'}
    </span>
  )
}
