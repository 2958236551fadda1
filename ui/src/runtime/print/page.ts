import type { Orientation } from '../../kit/page.tsx'

/** The most records that are printed at once. */
export const mostPrinted = 50

/** What a column of a printed table wants. */
export interface Need {
  /** Points that it takes at least. */
  width: number
  /** Points with which nothing goes on in the next line. */
  whole: number
  /** No row has anything in it. */
  empty: boolean
}

/** The points between the margins of A4. */
const room: Record<Orientation, number> = { portrait: 527, landscape: 774 }
const padding = 9
const numbers = 26 // the column of the rows' numbers
const wrapped = 84 // points that a text gets before it goes on in the next line: ten Chinese characters
const least = 24
const headLeast = 36
const cell = 8.5 // points, as in print.css
const bold = 1.12 // wider than what isn't
const half = 4.3 // points of a letter where nothing can be measured

let pen: CanvasRenderingContext2D | null | undefined

/** lengthOf is how many points a text takes in a cell. */
export function lengthOf(text: string): number {
  if (pen === undefined) {
    pen = globalThis.document?.createElement('canvas').getContext('2d') ?? null
    if (pen) pen.font = `${cell}px ${getComputedStyle(document.body).fontFamily}` // points as if they were pixels
  }
  if (pen) return pen.measureText(text).width
  let n = 0
  for (const c of text) n += c.codePointAt(0)! > 0x2e7f ? 2 * half : half
  return n
}

/** needOf is what a column wants by what stands in it: figures aren't broken, texts are, and so are heads. */
export function needOf(title: string, texts: string[], breaks: boolean, total = ''): Need {
  const longest = texts.reduce((most, x) => Math.max(most, lengthOf(x)), lengthOf(total) * bold)
  const head = lengthOf(title) * bold
  const body = breaks ? Math.min(longest, wrapped) : longest
  const width = Math.max(body, Math.min(head, Math.max(headLeast, head / 2)), least) + padding
  return { width, whole: Math.max(width, longest + padding, head + padding), empty: longest === 0 }
}

/** How the columns of a table come onto paper. */
export interface Arranged {
  orientation: Orientation
  /** In small type. */
  small: boolean
  /** The columns that are printed, and those that didn't fit. */
  shown: number[]
  left: number[]
}

const smaller = 0.84 // how wide small type is, as in print.css

/** arrange chooses how to hold the paper, and which columns are printed: all where they fit, else those that have something
 * in them, in small type if need be, else the first that do. */
export function arrange(needs: Need[], asked?: Orientation): Arranged {
  const all = needs.map((_, i) => i)
  const filled = all.filter((i) => !needs[i]!.empty)
  const width = (list: number[]): number => list.reduce((sum, i) => sum + needs[i]!.width, numbers)
  const ways: Orientation[] = asked ? [asked] : ['portrait', 'landscape']
  const last = ways.at(-1)!
  for (const orientation of ways)
    for (const shown of [all, filled])
      if (shown.length > 0 && width(shown) <= room[orientation]) return { orientation, small: false, shown, left: [] }
  const shown: number[] = []
  for (const i of filled.length ? filled : all)
    if (shown.length === 0 || width([...shown, i]) * smaller <= room[last]) shown.push(i)
  return { orientation: last, small: true, shown, left: filled.filter((i) => !shown.includes(i)) }
}

/** sharesOf divides a table's width, in percent: what every column wants, and what is left to those whose texts go on in
 * the next line. */
export function sharesOf(needs: Need[], orientation: Orientation): number[] {
  const want = needs.reduce((sum, n) => sum + n.width, numbers)
  const more = needs.reduce((sum, n) => sum + n.whole - n.width, 0)
  const spare = Math.max(0, room[orientation] - want)
  const part = more > 0 ? Math.min(1, spare / more) : 0
  const widths = needs.map((n) => n.width + part * (n.whole - n.width))
  const all = widths.reduce((sum, w) => sum + w, numbers)
  return widths.map((w) => Math.round((w / all) * 1000) / 10)
}
