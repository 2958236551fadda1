import { useEffect, useRef } from 'react'
import { clean } from './rich.ts'

/** RichText shows a text with its marks, and nothing that runs or loads. */
export function RichText({ html }: { html: string }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.replaceChildren(clean(html))
  }, [html])
  return <div ref={box} className="rich-shown" />
}
