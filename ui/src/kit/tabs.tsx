import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'

export interface TabEntry {
  id: string
  title: ReactNode
  content: ReactNode
}

const steps: Record<string, (at: number, n: number) => number> = {
  ArrowRight: (at, n) => (at + 1) % n,
  ArrowLeft: (at, n) => (at + n - 1) % n,
  Home: () => 0,
  End: (_, n) => n - 1,
}

/** Tabs shows one of several parts; the arrow keys move between them. */
export function Tabs({
  tabs,
  label,
  value,
  onChange,
}: {
  tabs: TabEntry[]
  label: string
  value?: string
  onChange?: (id: string) => void
}) {
  const own = useId()
  const [chosen, setChosen] = useState(tabs[0]?.id)
  const list = useRef<HTMLDivElement>(null)
  const wanted = value ?? chosen
  const at = Math.max(
    0,
    tabs.findIndex((x) => x.id === wanted),
  )
  const now = tabs[at]
  const choose = (id: string): void => {
    setChosen(id)
    if (id !== wanted) onChange?.(id)
  }
  const key = (e: KeyboardEvent): void => {
    const next = steps[e.key]?.(at, tabs.length)
    if (next === undefined || e.altKey || e.ctrlKey || e.metaKey) return
    e.preventDefault()
    choose(tabs[next]!.id)
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus()
  }
  if (!now) return null
  return (
    <div className="tabs">
      <div ref={list} className="tabs-list" role="tablist" aria-label={label} onKeyDown={key}>
        {tabs.map((x) => (
          <button
            key={x.id}
            type="button"
            role="tab"
            id={`${own}${x.id}`}
            aria-selected={x === now}
            aria-controls={x === now ? `${own}-panel` : undefined}
            tabIndex={x === now ? 0 : -1}
            className="tabs-tab"
            onClick={() => choose(x.id)}
          >
            {x.title}
          </button>
        ))}
      </div>
      <div key={now.id} id={`${own}-panel`} role="tabpanel" aria-labelledby={`${own}${now.id}`}>
        {now.content}
      </div>
    </div>
  )
}
