import type { KeyboardEvent } from 'react'
import type { MenuGroup } from '../../kit/menu.tsx'
import type { ViewMeta } from '../../meta/types.ts'
import type { Dragging, Held } from '../drag.ts'
import type { Cell } from './board.ts'
import type { Asked } from './data.ts'
import type { Item, Moves } from './useMoves.ts'

/** What cards need of the board that they are on. It stays the same object from one render to the next. */
export interface Desk {
  view: ViewMeta
  handle: Dragging<Item>['handle']
  open: (id: string) => void
  menu: (item: Item) => MenuGroup[]
  walk: (e: KeyboardEvent<HTMLElement>) => void
  dismiss: (id: string) => void
}

/** What cells need: the desk, and what changes while cards move. */
export interface Table {
  asked: Asked
  desk: Desk
  moves: Moves
  held: Held<Item> | undefined
  /** Whether the card that is in the hand may be put there. */
  accepts: (to: Cell) => boolean
}

/** walkCards moves the focus with the arrows: up and down within a cell, left and right to the cells beside it. */
export function walkCards(e: KeyboardEvent<HTMLElement>): void {
  if (e.ctrlKey || e.metaKey || e.altKey) return
  const card = (e.target as HTMLElement).closest('[data-card]')
  const cell = card?.closest('[data-drop]')
  if (!card || !cell) return
  const opens = (c: Element): HTMLElement[] => [...c.querySelectorAll<HTMLElement>('.board-open')]
  const here = opens(cell)
  const at = here.indexOf(e.target as HTMLElement)
  let next: HTMLElement | undefined
  if (e.key === 'ArrowDown') next = here[at + 1]
  else if (e.key === 'ArrowUp') next = here[at - 1]
  else if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
    const cells = [...document.querySelectorAll('[data-drop]')].filter((c) => c === cell || opens(c).length > 0)
    const beside = cells[cells.indexOf(cell) + (e.key === 'ArrowLeft' ? -1 : 1)]
    if (beside) {
      const list = opens(beside)
      next = list[Math.min(at, list.length - 1)]
    }
  } else return
  e.preventDefault()
  next?.focus()
}
