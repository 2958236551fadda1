import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react'

// Dragging by mouse (at once), by finger (after a long press, so that the page still scrolls) and by keyboard (Space to
// lift, arrows, Space to drop, Escape). Targets carry data-drop; what accepts is asked of the caller.

const slack = 6 // pixels that a mouse moves before it drags
const rest = 350 // milliseconds that a finger rests before it drags
const edge = 56 // pixels from the edge of a scroll area in which it scrolls along
const stride = 14 // pixels of one step of that

/** What is in the hand, and what it is over. */
export interface Held<T> {
  item: T
  over: string | undefined
  by: 'pointer' | 'keyboard'
}

/** What the user of a drag answers. */
export interface DragRules<T> {
  /** False for what may not be moved at all. */
  can: (item: T) => boolean
  accepts: (item: T, target: string) => boolean
  drop: (item: T, target: string) => void
  /** The target that an arrow key leads to, from the one that is chosen; undefined where there is none. */
  step: (item: T, from: string | undefined, key: string) => string | undefined
  /** True where the target is what the top of the picture is over, not what the pointer is over: as on a scale of hours. */
  byTop?: (item: T) => boolean
  /** What is read out. */
  say: {
    lifted: (item: T) => string
    over: (item: T, target: string) => string
    dropped: (item: T, target: string) => string
    cancelled: (item: T) => string
    stuck: (item: T) => string
  }
}

export interface Dragging<T> {
  held: Held<T> | undefined
  /** For a live region. */
  said: string
  /** The picture under the pointer: position: fixed, moved by the hook. */
  ghost: RefObject<HTMLDivElement | null>
  handle: (item: T) => {
    onPointerDown: (e: PointerEvent<HTMLElement>) => void
    onKeyDown: (e: KeyboardEvent<HTMLElement>) => void
    onBlur: () => void
  }
}

const targetAt = (x: number, y: number): string | undefined =>
  document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-drop]')?.dataset.drop

function scrolls(el: Element, way: 'X' | 'Y'): boolean {
  const long = way === 'X' ? el.scrollWidth > el.clientWidth : el.scrollHeight > el.clientHeight
  return long && /auto|scroll/.test(getComputedStyle(el)[`overflow${way}`])
}

function scrollAlong(x: number, y: number): void {
  const done = { X: false, Y: false }
  for (let el = document.elementFromPoint(x, y); el; el = el.parentElement) {
    const box = el.getBoundingClientRect()
    if (!done.X && scrolls(el, 'X')) {
      done.X = true
      el.scrollLeft += x < box.left + edge ? -stride : x > box.right - edge ? stride : 0
    }
    if (!done.Y && scrolls(el, 'Y')) {
      done.Y = true
      el.scrollTop += y < box.top + edge ? -stride : y > box.bottom - edge ? stride : 0
    }
  }
  if (!done.Y) window.scrollBy(0, y < edge ? -stride : y > window.innerHeight - edge ? stride : 0)
}

/** swallowClick: the click that ends a drag opens nothing. */
export function swallowClick(): void {
  const stop = (e: Event): void => {
    e.stopPropagation()
    e.preventDefault()
  }
  window.addEventListener('click', stop, { capture: true, once: true })
  setTimeout(() => window.removeEventListener('click', stop, { capture: true }), 0)
}

/** useDrag is one drag at a time over a screen. */
export function useDrag<T>(rules: DragRules<T>): Dragging<T> {
  const [held, setHeld] = useState<Held<T>>()
  const [said, say] = useState('')
  const ghost = useRef<HTMLDivElement>(null)
  const now = useRef<{ rules: DragRules<T>; held: Held<T> | undefined; dragging: boolean }>({
    rules,
    held: undefined,
    dragging: false,
  })
  now.current.rules = rules
  const stop = useRef<(() => void) | undefined>(undefined)

  const hold = useCallback((next: Held<T> | undefined) => {
    now.current.held = next
    now.current.dragging = next?.by === 'pointer'
    setHeld(next)
  }, [])

  const over = useCallback(
    (target: string | undefined) => {
      const h = now.current.held
      if (!h) return
      const ok = target !== undefined && now.current.rules.accepts(h.item, target) ? target : undefined
      if (ok === h.over) return
      hold({ ...h, over: ok })
      if (ok !== undefined) say(now.current.rules.say.over(h.item, ok))
    },
    [hold],
  )

  const finish = useCallback(
    (dropped: boolean) => {
      const h = now.current.held
      if (!h) return
      hold(undefined)
      if (dropped && h.over !== undefined) {
        say(now.current.rules.say.dropped(h.item, h.over))
        now.current.rules.drop(h.item, h.over)
      } else say(now.current.rules.say.cancelled(h.item))
    },
    [hold],
  )

  // A touch that drags must not scroll; the browser asks only listeners that were there when the finger came down.
  useEffect(() => {
    const still = (e: TouchEvent): void => {
      if (now.current.dragging && e.cancelable) e.preventDefault()
    }
    document.addEventListener('touchmove', still, { passive: false })
    return () => {
      document.removeEventListener('touchmove', still)
      stop.current?.()
    }
  }, [])

  const onPointerDown = useCallback(
    (e: PointerEvent<HTMLElement>, item: T) => {
      if (e.button !== 0 || (e.target as HTMLElement).closest('[data-nodrag]') || !now.current.rules.can(item)) return
      if (now.current.held) finish(false)
      const from = { x: e.clientX, y: e.clientY }
      const box = e.currentTarget.getBoundingClientRect()
      const mouse = e.pointerType === 'mouse'
      const at = { ...from }
      const above = now.current.rules.byTop?.(item) ? from.y - box.top - 2 : 0
      let frame = 0
      const place = (): void => {
        const g = ghost.current
        if (!g) return
        g.style.width = `${box.width}px`
        g.style.transform = `translate(${at.x - from.x + box.left}px, ${at.y - from.y + box.top}px)`
      }
      const loop = (): void => {
        place()
        scrollAlong(at.x, at.y)
        over(targetAt(at.x, at.y - above))
        frame = requestAnimationFrame(loop)
      }
      const begin = (): void => {
        getSelection()?.removeAllRanges()
        hold({ item, over: undefined, by: 'pointer' })
        say(now.current.rules.say.lifted(item))
        frame = requestAnimationFrame(loop)
      }
      const wait = mouse ? undefined : setTimeout(begin, rest)
      const move = (m: globalThis.PointerEvent): void => {
        if (m.pointerId !== e.pointerId) return
        at.x = m.clientX
        at.y = m.clientY
        if (now.current.dragging) return
        if (Math.hypot(at.x - from.x, at.y - from.y) < slack) return
        if (mouse) begin()
        else leave()
      }
      const up = (m: globalThis.PointerEvent): void => {
        if (m.pointerId !== e.pointerId) return
        const was = now.current.dragging
        if (was) over(targetAt(at.x, at.y - above))
        leave()
        if (was) {
          if (m.type === 'pointerup') swallowClick()
          finish(m.type === 'pointerup')
        }
      }
      const key = (k: globalThis.KeyboardEvent): void => {
        if (k.key !== 'Escape' || !now.current.dragging) return
        k.preventDefault()
        k.stopPropagation()
        leave()
        finish(false)
      }
      const menu = (m: Event): void => {
        if (!mouse) m.preventDefault()
      }
      const leave = (): void => {
        clearTimeout(wait)
        cancelAnimationFrame(frame)
        window.removeEventListener('pointermove', move)
        window.removeEventListener('pointerup', up)
        window.removeEventListener('pointercancel', up)
        window.removeEventListener('keydown', key, true)
        window.removeEventListener('contextmenu', menu)
        stop.current = undefined
      }
      stop.current = leave
      window.addEventListener('pointermove', move)
      window.addEventListener('pointerup', up)
      window.addEventListener('pointercancel', up)
      window.addEventListener('keydown', key, true)
      window.addEventListener('contextmenu', menu)
    },
    [finish, hold, over],
  )

  const onKeyDown = useCallback(
    (e: KeyboardEvent<HTMLElement>, item: T) => {
      const h = now.current.held
      const { rules: r } = now.current
      if (!h) {
        if (e.key !== ' ' || e.ctrlKey || e.metaKey || e.altKey) return
        e.preventDefault()
        if (!r.can(item)) return say(r.say.stuck(item))
        hold({ item, over: undefined, by: 'keyboard' })
        return say(r.say.lifted(item))
      }
      if (h.by !== 'keyboard' || e.key === 'Tab') return
      e.preventDefault()
      e.stopPropagation()
      if (e.key === 'Escape') return finish(false)
      if (e.key === ' ' || e.key === 'Enter') return finish(true)
      if (!e.key.startsWith('Arrow')) return
      const next = r.step(h.item, h.over, e.key)
      if (next !== undefined) over(next)
    },
    [finish, hold, over],
  )

  const onBlur = useCallback(() => {
    if (now.current.held?.by === 'keyboard') finish(false)
  }, [finish])

  const handle = useCallback(
    (item: T) => ({
      onPointerDown: (e: PointerEvent<HTMLElement>) => onPointerDown(e, item),
      onKeyDown: (e: KeyboardEvent<HTMLElement>) => onKeyDown(e, item),
      onBlur,
    }),
    [onPointerDown, onKeyDown, onBlur],
  )
  return { held, said, ghost, handle }
}
