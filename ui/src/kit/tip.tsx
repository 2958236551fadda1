import { cloneElement, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from 'react'

const pointed = 500 // milliseconds that a pointer rests before the tip is shown
const left = 80 // milliseconds that it stays, so that the pointer may go to it
const gap = 6
const edge = 4

/** Tip marks a control that says with a short text what it does. The control carries the same text as its label. */
export function Tip({ text, children }: { text: string; children: ReactElement<Record<string, unknown>> }) {
  return cloneElement(children, { 'data-tip': text })
}

const tipped = (e: Event): HTMLElement | undefined =>
  (e.target instanceof Element && e.target.closest<HTMLElement>('[data-tip]')) || undefined

/** Tips shows the text of the control that is pointed at or has the focus of the keyboard. The page has one of it. */
export function Tips() {
  const [at, setAt] = useState<HTMLElement>()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => follow(setAt), [])
  useLayoutEffect(() => {
    const el = box.current
    if (!el || !at) return
    const a = at.getBoundingClientRect()
    const b = el.getBoundingClientRect()
    const above = a.top - b.height - gap
    const x = Math.min(Math.max(edge, a.left + (a.width - b.width) / 2), innerWidth - b.width - edge)
    el.style.translate = `${x}px ${above < edge ? a.bottom + gap : above}px`
  }, [at])
  if (!at?.isConnected) return null
  return (
    <div ref={box} className="tip" role="tooltip" aria-hidden>
      {at.dataset.tip}
    </div>
  )
}

function follow(show: (el: HTMLElement | undefined) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = (el: HTMLElement | undefined, ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => show(el), ms)
  }
  const hide = (): void => {
    clearTimeout(timer)
    show(undefined)
  }
  const stop = new AbortController()
  const on = <K extends keyof DocumentEventMap>(type: K, f: (e: DocumentEventMap[K]) => void): void =>
    document.addEventListener(type, f, { capture: true, passive: true, signal: stop.signal })
  on('pointerover', (e) => {
    if (e.pointerType === 'touch') return
    if (e.target instanceof Element && e.target.closest('.tip')) return clearTimeout(timer)
    const el = tipped(e)
    later(el, el ? pointed : left)
  })
  on('focusin', (e) => {
    const el = tipped(e)
    if (el?.matches(':focus-visible')) later(el, 0)
  })
  on('focusout', hide)
  on('pointerdown', hide)
  on('keydown', hide)
  on('scroll', hide)
  return () => {
    stop.abort()
    clearTimeout(timer)
  }
}
