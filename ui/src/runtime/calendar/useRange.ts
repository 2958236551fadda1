import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { swallowClick } from '../drag.ts'
import { ranged } from './hours.ts'

const slack = 6 // pixels that a mouse moves before it draws

export interface Range {
  day: string
  from: number
  to: number
}

/** useRange draws a range of hours on an empty day with the mouse: from where it is pressed to where it is let go. A finger
 * scrolls instead; it chooses a place, and then the button there. */
export function useRange(
  add: ((day: string, from?: number, to?: number) => void) | undefined,
  choose: (place: string) => void,
): { made: Range | undefined; begin: (e: PointerEvent<HTMLElement>, place: string) => void } {
  const [made, setMade] = useState<Range>()
  const stop = useRef<(() => void) | undefined>(undefined)
  useEffect(() => () => stop.current?.(), [])
  const begin = (e: PointerEvent<HTMLElement>, place: string): void => {
    choose(place)
    if (!add || e.pointerType !== 'mouse' || e.button !== 0) return
    const from = { x: e.clientX, y: e.clientY }
    let range: Range | undefined
    const move = (m: globalThis.PointerEvent): void => {
      if (!range && Math.hypot(m.clientX - from.x, m.clientY - from.y) < slack) return
      const to = document.elementFromPoint(m.clientX, m.clientY)?.closest<HTMLElement>('[data-drop]')?.dataset.drop
      range = (to && ranged(place, to)) || range
      setMade(range)
    }
    const leave = (): void => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', up)
      window.removeEventListener('keydown', key, true)
      stop.current = undefined
      setMade(undefined)
    }
    const up = (): void => {
      leave()
      if (!range) return
      swallowClick()
      add(range.day, range.from, range.to)
    }
    const key = (k: KeyboardEvent): void => {
      if (k.key !== 'Escape') return
      k.preventDefault()
      k.stopPropagation()
      leave()
    }
    stop.current = leave
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', up)
    window.addEventListener('keydown', key, true)
  }
  return { made, begin }
}
