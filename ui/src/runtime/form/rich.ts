// Rich text is a short list of marks. What else stands in it is dropped before it is shown, as the server drops it
// before it is kept.

const allowed: ReadonlySet<string> = new Set(
  'P BR B STRONG I EM U S UL OL LI H1 H2 H3 H4 BLOCKQUOTE CODE PRE HR TABLE THEAD TBODY TR TH TD A'.split(' '),
)
const silent: ReadonlySet<string> = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT', 'TITLE'])

/** safeLink is true for addresses that may be opened from a text. */
export function safeLink(href: string): boolean {
  return /^(https?:|mailto:|tel:)/i.test(href.trim())
}

function copy(from: Node, to: Node, doc: Document): void {
  for (const n of from.childNodes) {
    if (n.nodeType === 3) to.appendChild(doc.createTextNode(n.nodeValue ?? ''))
    if (n.nodeType !== 1) continue
    const el = n as Element
    if (silent.has(el.tagName)) continue
    if (!allowed.has(el.tagName)) {
      copy(el, to, doc)
      continue
    }
    const made = doc.createElement(el.tagName)
    const href = el.tagName === 'A' ? el.getAttribute('href') : null
    if (href && safeLink(href)) {
      made.setAttribute('href', href)
      made.setAttribute('rel', 'nofollow noreferrer noopener')
      made.setAttribute('target', '_blank')
    }
    copy(el, made, doc)
    to.appendChild(made)
  }
}

/** clean builds nodes of the allowed marks alone. The text is parsed in a document of its own, where nothing runs. */
export function clean(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html')
  const out = document.createDocumentFragment()
  copy(parsed.body, out, document)
  return out
}

/** htmlOf writes what an editor holds. */
export function htmlOf(el: Element): string {
  const box = document.createElement('div')
  box.append(clean(el.innerHTML))
  for (const a of box.querySelectorAll('a')) {
    a.removeAttribute('target')
    a.removeAttribute('rel')
  }
  return box.textContent?.trim() || box.querySelector('hr,table') ? box.innerHTML : ''
}

/** plainOf is the text of a rich text. */
export function plainOf(html: string): string {
  const parsed = new DOMParser().parseFromString(
    html.replace(/<(br|\/p|\/li|\/h\d|\/tr)\b[^>]*>/gi, ' $&'),
    'text/html',
  )
  for (const s of parsed.querySelectorAll('script,style,template')) s.remove()
  return (parsed.body.textContent ?? '').replace(/\s+/g, ' ').trim()
}
