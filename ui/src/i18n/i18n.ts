import { useSyncExternalStore } from 'react'
import type { texts as source } from './zh-CN/index.ts'

/** A language that the interface is written in. */
export type Locale = 'zh-CN' | 'en-US'
type Texts = typeof source
/** The key of a text: "area.name". */
export type Key = { [A in keyof Texts & string]: `${A}.${keyof Texts[A] & string}` }[keyof Texts & string]
/** A text in the languages of a document: {"zh-CN": "商品", "en-US": "Item"}. */
export type Label = Partial<Record<Locale, string>> | string | null | undefined

export const locales: Locale[] = ['zh-CN', 'en-US']
/** What each language calls itself. */
export const languageNames: Record<Locale, string> = { 'zh-CN': '中文', 'en-US': 'English' }
const stored = 'tenon.locale'
const listeners = new Set<() => void>()
let current: Locale = 'zh-CN'
let texts: Texts | undefined

const load: Record<Locale, () => Promise<{ texts: Texts }>> = {
  'zh-CN': () => import('./zh-CN/index.ts'),
  'en-US': () => import('./en-US/index.ts'),
}

export function isLocale(s: unknown): s is Locale {
  return s === 'zh-CN' || s === 'en-US'
}

/** preferred is the language to begin with: the last one used here, else the browser's, else Chinese. */
export function preferred(): Locale {
  const last = localStorage.getItem(stored)
  if (isLocale(last)) return last
  return navigator.languages.some((l) => l.toLowerCase().startsWith('zh')) ? 'zh-CN' : 'en-US'
}

/** setLocale loads a language and shows the whole interface in it. */
export async function setLocale(next: Locale): Promise<void> {
  texts = (await load[next]()).texts
  current = next
  localStorage.setItem(stored, next)
  document.documentElement.lang = next
  // React Aria comes later than the first screen, and reads here which language its own texts are in.
  Object.assign(globalThis, { [Symbol.for('react-aria.i18n.locale')]: next })
  globalThis.dispatchEvent?.(new Event('languagechange'))
  for (const f of listeners) f()
}

export const locale = (): Locale => current

/** useLocale makes a component follow the language. The root does, with a key, so that all others do as well. */
export function useLocale(): Locale {
  return useSyncExternalStore((f) => {
    listeners.add(f)
    return () => listeners.delete(f)
  }, locale)
}

// For tests of the layout: every text 40 % longer, as other languages would make it.
const stretched = globalThis.localStorage?.getItem('tenon.stretch') === '1'
const stretch = (text: string): string =>
  stretched && text ? `${text}${'~'.repeat(Math.ceil([...text].length * 0.4))}` : text

// A language tells one from many by its own rules; they are made when the first counted text is shown.
const rules: Partial<Record<Locale, Intl.PluralRules>> = {}
function goes(n: string | number, one: string, many: string): string {
  const rule = rules[current] ?? new Intl.PluralRules(current)
  rules[current] = rule
  return rule.select(Number(n)) === 'one' ? one : many
}

/** t is a text in the current language, with its {placeholders} filled in. {n|row|rows} is the word that goes with n. */
export function t(key: Key, args?: Record<string, string | number>): string {
  const [area, name] = key.split('.') as [keyof Texts, string]
  const text = (texts?.[area] as Record<string, string> | undefined)?.[name] ?? key
  if (!args) return stretch(text)
  return stretch(text).replace(
    /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
    (whole, k: string, one?: string, many?: string) => {
      const value = args[k]
      if (value === undefined) return whole
      return one === undefined || many === undefined ? String(value) : goes(value, one, many)
    },
  )
}

/** label is a document's text in the current language, or in the other one where it has no such text. */
export function label(l: Label, otherwise = ''): string {
  if (!l) return otherwise
  if (typeof l === 'string') return stretch(l)
  return stretch(l[current] || l['zh-CN'] || l['en-US'] || otherwise)
}
