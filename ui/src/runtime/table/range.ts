/** A place in the grid. Row -1 is the head; column 0 is the one with the boxes to tick. */
export interface Place {
  row: number
  col: number
}

/** What is marked: from the anchor, which stays, to the head, which moves and has the focus. */
export interface Range {
  anchor: Place
  head: Place
}

export interface Bounds {
  rows: number
  cols: number
  /** Rows of a page. */
  page: number
}

/** boxOf is a range from its upper left to its lower right. */
export function boxOf(r: Range): { top: number; bottom: number; left: number; right: number } {
  return {
    top: Math.max(0, Math.min(r.anchor.row, r.head.row)),
    bottom: Math.max(r.anchor.row, r.head.row),
    left: Math.min(r.anchor.col, r.head.col),
    right: Math.max(r.anchor.col, r.head.col),
  }
}

/** isOne is true where a single cell is marked. */
export const isOne = (r: Range): boolean => r.anchor.row === r.head.row && r.anchor.col === r.head.col

const within = (n: number, least: number, most: number): number => Math.max(least, Math.min(most, n))

/** move is where a key leads from a place, or undefined where it leads nowhere. mod is Ctrl or ⌘. */
export function move(at: Place, key: string, mod: boolean, b: Bounds): Place | undefined {
  const last = b.rows - 1
  const right = b.cols - 1
  const to = (row: number, col: number): Place => ({ row: within(row, -1, last), col: within(col, 0, right) })
  switch (key) {
    case 'ArrowUp':
      return mod ? to(at.row > 0 ? 0 : -1, at.col) : to(at.row - 1, at.col)
    case 'ArrowDown':
      return to(mod ? last : at.row + 1, at.col)
    case 'ArrowLeft':
      return to(at.row, mod ? 0 : at.col - 1)
    case 'ArrowRight':
      return to(at.row, mod ? right : at.col + 1)
    case 'Home':
      return mod ? to(0, 0) : to(at.row, 0)
    case 'End':
      return mod ? to(last, right) : to(at.row, right)
    case 'PageUp':
      return to(Math.max(at.row - b.page, 0), at.col)
    case 'PageDown':
      return to(at.row + b.page, at.col)
    default:
      return undefined
  }
}

/** extend moves the head of a range; without keep the range shrinks to it. */
export function extend(r: Range, head: Place, keep: boolean): Range {
  if (!keep) return { anchor: head, head }
  return { anchor: r.anchor, head: { row: Math.max(head.row, 0), col: Math.max(head.col, 1) } }
}
