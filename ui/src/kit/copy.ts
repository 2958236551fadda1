/** copyText puts a text on the clipboard; false where the browser lets nobody. An insecure address has an old way alone. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const box = document.createElement('textarea')
    box.value = text
    box.className = 'hidden'
    const before = document.activeElement
    document.body.append(box)
    box.select()
    const done = document.execCommand('copy')
    box.remove()
    if (before instanceof HTMLElement) before.focus()
    return done
  }
}
