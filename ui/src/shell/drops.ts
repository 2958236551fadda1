const bearsFiles = (e: DragEvent): boolean => !!e.dataTransfer?.types.includes('Files')

function refuse(e: DragEvent): void {
  if (e.defaultPrevented || !bearsFiles(e)) return
  e.preventDefault()
  if (e.dataTransfer) e.dataTransfer.dropEffect = 'none'
}

/** keepFilesOut has a file that is dropped beside its field do nothing: the browser would open it in place of the page, with
 * all that is typed into it. */
export function keepFilesOut(): () => void {
  const events = ['dragover', 'drop'] as const
  for (const name of events) window.addEventListener(name, refuse)
  return () => {
    for (const name of events) window.removeEventListener(name, refuse)
  }
}
