import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const src = import.meta.dirname

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : []
  })
}

const all = files(src).map((path) => ({ path: relative(src, path), text: readFileSync(path, 'utf8') }))

// Imports point down. What is not listed by name is a feature: features don't import each other.
const ranks: Record<string, number> = {
  i18n: 0,
  theme: 0,
  meta: 1,
  api: 2,
  cel: 2,
  kit: 3,
  runtime: 4,
  shell: 6,
  dev: 7, // shows them all
  'main.tsx': 9,
  'routes.tsx': 8,
}
const feature = 5
// The shell offers commands to whoever has some, and shows the password form before everything else.
const open = new Set(['shell/commands.ts', 'account/FirstPassword.tsx'])

function place(path: string): { name: string; rank: number } {
  const name = path.split('/')[0]!
  return { name, rank: ranks[name] ?? feature }
}

test('imports point down, and features leave each other alone', () => {
  const wrong: string[] = []
  for (const { path, text } of all) {
    if (path.endsWith('.test.ts') || path.endsWith('.test.tsx')) continue
    const from = place(path)
    for (const m of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = relative(src, join(src, path, '..', m[1]!))
      const to = place(target)
      if (open.has(target) || to.name === from.name || to.rank < from.rank) continue
      wrong.push(`${path} → ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

test('files stay short enough to be read', () => {
  const long = all.filter(
    (f) => !f.path.startsWith('i18n/') && f.path !== 'api/schema.d.ts' && f.text.split('\n').length > 300,
  )
  expect(long.map((f) => f.path)).toEqual([])
})

// On http://192.168.… a browser has none of these: who asks for one goes another way where it is missing.
test('what an insecure address lacks is asked for in one place', () => {
  const doors: Record<string, string> = {
    'crypto.randomUUID': 'api/client.ts',
    'crypto.subtle': '',
    'navigator.clipboard': 'kit/copy.ts',
    'navigator.locks': 'api/live.ts',
    'navigator.mediaDevices': 'runtime/form/',
  }
  const wrong = all.flatMap(({ path, text }) =>
    Object.entries(doors)
      .filter(([what, door]) => text.includes(what) && !(door && path.startsWith(door)) && path !== 'arch.test.ts')
      .map(([what]) => `${path}: ${what}`),
  )
  expect(wrong).toEqual([])
})

test('texts that people read are in i18n, in both languages', () => {
  const cjk = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/
  const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
  const found = all.filter((f) => !f.path.startsWith('i18n/') && !f.path.includes('.test.') && cjk.test(code(f.text)))
  expect(found.map((f) => f.path)).toEqual([])
})

test('every text is used', async () => {
  const { texts } = await import('./i18n/zh-CN/index.ts')
  const code = all.filter((f) => !/^i18n\/[a-z]+-/.test(f.path)).map((f) => f.text)
  const whole = code.join('\n')
  const made = [...whole.matchAll(/`(\w+\.\w*)\$\{/g)].map((m) => m[1]!) // `calendar.${mode}`
  const unused = Object.entries(texts).flatMap(([area, list]) =>
    Object.keys(list)
      .map((name) => `${area}.${name}`)
      .filter((key) => !whole.includes(`'${key}'`) && !made.some((m) => key.startsWith(m))),
  )
  expect(unused).toEqual([])
})

test('every text of both languages has the same placeholders', async () => {
  const zh = (await import('./i18n/zh-CN/index.ts')).texts as Record<string, Record<string, string>>
  const en = (await import('./i18n/en-US/index.ts')).texts as Record<string, Record<string, string>>
  const holes = (s: string) => [...s.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort()
  for (const [area, texts] of Object.entries(zh)) {
    expect(Object.keys(en[area]!).sort(), area).toEqual(Object.keys(texts).sort())
    for (const [key, text] of Object.entries(texts))
      expect(holes(en[area]![key]!), `${area}.${key}`).toEqual(holes(text))
  }
})
