import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { t } from '../i18n/i18n.ts'

/** A command is data: the palette, the list of shortcuts and the keyboard all read it from here. */
export interface Command {
  id: string
  text: string
  icon?: string
  /** "mod+s" is Ctrl+S, ⌘S on a Mac; a plain letter works where nobody is typing. */
  keys?: string
  act: () => void
}

let registered: Command[] = []
const listeners = new Set<() => void>()

function change(list: Command[]): void {
  registered = list
  for (const l of listeners) l()
}

/** useCommands offers commands as long as the component is shown. The list should be memoised. */
export function useCommands(list: Command[]): void {
  useEffect(() => {
    change([...registered, ...list])
    return () => change(registered.filter((c) => !list.includes(c)))
  }, [list])
}

export function useAllCommands(): Command[] {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f)
      return () => listeners.delete(f)
    },
    () => registered,
  )
}

/** What the keyboard does in a part of a screen beside the commands: its name in the texts of `keys`. */
export type KeyPlace = 'form' | 'lines' | 'table' | 'board' | 'calendar'

const places: KeyPlace[] = []

/** useKeyPlace says, as long as the component is shown, that these keys work here. */
export function useKeyPlace(place: KeyPlace): void {
  useEffect(() => {
    places.push(place)
    return () => void places.splice(places.indexOf(place), 1)
  }, [place])
}

/** keyPlaces are those that work now, what is told first at the front. */
export function keyPlaces(): KeyPlace[] {
  return [...new Set(places)].toReversed()
}

const mac = /Mac|iPhone|iPad/.test(navigator.platform)

const names: Record<string, string> = { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter', escape: 'Esc' }
const macNames: Record<string, string> = { ...names, mod: '⌘', shift: '⇧', alt: '⌥' }

/** keyText writes a shortcut as the keyboard names it. */
export function keyText(keys: string): string {
  return keys
    .split('+')
    .map((k) => (mac ? macNames : names)[k] ?? (k.length === 1 ? k.toUpperCase() : k))
    .join(mac ? '' : '+')
}

function pressed(e: KeyboardEvent): string {
  const parts: string[] = []
  if (e.ctrlKey || e.metaKey) parts.push('mod')
  if (e.altKey) parts.push('alt')
  if (e.shiftKey && e.key.length > 1) parts.push('shift')
  parts.push(e.key.toLowerCase())
  return parts.join('+')
}

// A letter begins the editor of a cell; with Alt it doesn't.
function typing(target: EventTarget | null, alt: boolean): boolean {
  const el = target as HTMLElement | null
  if (!alt && el?.closest?.('[role="grid"]')) return true
  return !!el?.closest?.('input, textarea, select, [contenteditable="true"], [role="textbox"]')
}

/** listenForKeys runs the latest command of what is pressed. */
export function listenForKeys(): () => void {
  const on = (e: KeyboardEvent): void => {
    if (e.defaultPrevented || e.isComposing) return
    const keys = pressed(e)
    const alone = !keys.includes('mod') && keys !== 'escape'
    if (alone && (typing(e.target, keys.includes('alt')) || document.querySelector('[role="dialog"]'))) return
    const found = registered.findLast((c) => c.keys === keys)
    if (!found) return
    e.preventDefault()
    found.act()
  }
  window.addEventListener('keydown', on)
  return () => window.removeEventListener('keydown', on)
}

/** usePrintCommand offers printing by the keys that people know: with a view of the paper instead of the screen's. */
export function usePrintCommand(act: () => void): void {
  const latest = useRef(act)
  latest.current = act
  useCommands(
    useMemo<Command[]>(
      () => [{ id: 'print', text: t('print.print'), icon: 'print', keys: 'mod+p', act: () => latest.current() }],
      [],
    ),
  )
}
