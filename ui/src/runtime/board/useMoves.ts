import { useCallback, useEffect, useRef, useState } from 'react'
import { useLive } from '../../api/live.ts'
import { problemOf } from '../../api/problem.ts'
import { t } from '../../i18n/i18n.ts'
import { toast, toastProblem } from '../../kit/toast.tsx'
import type { Display, Rec } from '../../meta/record.ts'
import type { MoveMeta } from '../../meta/types.ts'
import { type Cell, type Move, moveTo, placeOf, wayBack } from './board.ts'
import { type Asked, put, refresh, reload } from './data.ts'

const gather = 200 // milliseconds in which events are read together
const mostAtOnce = 50
const markFor = 6000 // milliseconds that a card stays marked after somebody changed it

/** A card as it is shown. */
export interface Item {
  rec: Rec
  display: Display
  colors: string[]
}

/** A move that waits for the choice among several ways to get there. */
export interface Choosing {
  item: Item
  to: Cell
  choices: MoveMeta[]
}

export interface Moves {
  /** Where cards stand while the server is asked. */
  moving: ReadonlyMap<string, { item: Item; to: Cell }>
  /** Why a card went back. */
  refused: ReadonlyMap<string, string>
  /** Cards that somebody else changed a moment ago. */
  marked: ReadonlySet<string>
  choosing: Choosing | undefined
  can: (rec: Rec, to: Cell) => Move | undefined
  move: (item: Item, to: Cell, name?: string) => void
  stopChoosing: () => void
  dismiss: (id: string) => void
}

function why(e: unknown): string {
  const p = problemOf(e)
  if (p.offline) return t('states.offlineTitle')
  const errors = p.errors.filter((f) => f.severity !== 'warning')
  const said = errors.map((f) => (f.cure ? `${f.message} ${f.cure}` : f.message))
  return said.length ? said.join(' ') : p.detail || t('states.errorTitle')
}

function without<K, V>(m: ReadonlyMap<K, V>, k: K): ReadonlyMap<K, V> {
  const next = new Map(m)
  next.delete(k)
  return next
}

function focusCard(id: string): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const card = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)
      if (card && !card.contains(document.activeElement)) card.querySelector<HTMLElement>('.board-open')?.focus()
    }),
  )
}

/** useMoves moves cards, takes them back where a move is refused, and follows what others do. */
export function useMoves(a: Asked, title: (item: Item) => string, cellTitle: (c: Cell) => string): Moves {
  const [moving, setMoving] = useState<Moves['moving']>(new Map())
  const [refused, setRefused] = useState<Moves['refused']>(new Map())
  const [marked, setMarked] = useState<Moves['marked']>(new Set())
  const [choosing, setChoosing] = useState<Choosing>()
  const asked = useRef(a)
  asked.current = a
  const mine = useRef(new Set<string>())

  const can = useCallback((rec: Rec, to: Cell) => {
    const { entity, view, lanes } = asked.current
    return moveTo(entity, view, lanes, rec, to)
  }, [])

  const perform = useCallback(
    async (item: Item, to: Cell, move: Move, name?: string, undoes?: boolean) => {
      const { rec } = item
      const { entity, view, lanes } = asked.current
      setMoving((m) => new Map(m).set(rec.id, { item, to }))
      setRefused((m) => without(m, rec.id))
      mine.current.add(rec.id)
      focusCard(rec.id)
      try {
        const after = await put(asked.current, rec, move, name)
        await refresh(asked.current, [rec.id]).catch(() => reload(asked.current))
        const back = undoes ? undefined : wayBack(entity, view, lanes, rec, after)
        const undo = (m: Move): void =>
          void perform({ ...item, rec: { ...rec, ...after } }, placeOf(view, lanes, rec), m, undefined, true)
        const warned = after.warnings?.map((f) => f.message).join(' ')
        toast(
          warned ? 'info' : 'ok',
          t(undoes ? 'board.undone' : 'board.moved', { card: title(item), column: cellTitle(to) }),
          {
            detail: warned,
            action: back && { text: t('common.undo'), act: () => undo(back) },
          },
        )
      } catch (e) {
        const p = problemOf(e)
        setRefused((m) => new Map(m).set(rec.id, why(e)))
        if (p.conflict || p.missing || p.status === 409) refresh(asked.current, [rec.id]).catch(toastProblem)
      } finally {
        setMoving((m) => without(m, rec.id))
        setTimeout(() => mine.current.delete(rec.id), gather * 4)
        focusCard(rec.id)
      }
    },
    [title, cellTitle],
  )

  const move = useCallback(
    (item: Item, to: Cell, name?: string) => {
      const what = can(item.rec, to)
      if (!what) return
      if (what.kind === 'transition' && !name && (what.choices.length > 1 || what.choices[0]!.final))
        setChoosing({ item, to, choices: what.choices })
      else {
        setChoosing(undefined)
        void perform(item, to, what, name)
      }
    },
    [can, perform],
  )

  const heard = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const fades = useRef(new Set<ReturnType<typeof setTimeout>>())
  useEffect(() => {
    const f = fades.current
    return () => {
      clearTimeout(timer.current)
      for (const x of f) clearTimeout(x)
    }
  }, [])
  const follow = useCallback(async () => {
    const ids = [...heard.current]
    heard.current.clear()
    if (ids.length > mostAtOnce) return reload(asked.current)
    const changed = await refresh(asked.current, ids).catch(() => [] as string[])
    const others = changed.filter((id) => !mine.current.has(id))
    if (!others.length) return
    setMarked((m) => new Set([...m, ...others]))
    const fade = setTimeout(() => {
      fades.current.delete(fade)
      setMarked((m) => new Set([...m].filter((id) => !others.includes(id))))
    }, markFor)
    fades.current.add(fade)
  }, [])
  useLive((e) => {
    if (!e.type.startsWith('tenon.record.') || e.app !== a.app || e.entity !== a.entity.name || !e.id) return
    heard.current.add(e.id)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void follow(), gather)
  })

  return {
    moving,
    refused,
    marked,
    choosing,
    can,
    move,
    stopChoosing: useCallback(() => setChoosing(undefined), []),
    dismiss: useCallback((id: string) => setRefused((m) => without(m, id)), []),
  }
}
