import { type ComponentType, useEffect, useState } from 'react'
import type { EditorProps } from './Editor.tsx'

let known: ComponentType<EditorProps> | undefined
const rest = 200 // milliseconds after the table is there until what edits its cells is fetched

/** useEditor is what edits a cell. It is not needed to show a table, so that it comes after it; from then on it is there
 * at once, and the key that opens it goes into it. */
export function useEditor(): ComponentType<EditorProps> | undefined {
  const [editor, setEditor] = useState(() => known)
  useEffect(() => {
    if (known) return
    let gone = false
    const timer = setTimeout(
      () =>
        void import('./Editor.tsx').then((m) => {
          known = m.Editor
          if (!gone) setEditor(() => m.Editor)
        }),
      rest,
    )
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [])
  return editor
}
