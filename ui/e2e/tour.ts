import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { closeBrowser, desktop, open, phone, setUp, startTenon, type Tenon } from './lib.ts'
import { main, more, type Screen } from './screens.ts'
import { type Shot, sheetOf } from './sheet.ts'

// Takes the pictures of docs/tour.md anew: `make tour`. TENON_PICTURES names a folder that keeps all of them in full
// size; TENON_SCREENS, by name and with commas, takes those screens alone, and the others from that folder.
const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const folder = join(docs, 'tour')
const kept = process.env.TENON_PICTURES
const pictures = kept ?? mkdtempSync(join(tmpdir(), 'tour-'))
const asked = process.env.TENON_SCREENS?.split(',')
const all = [...main, ...more].filter((s) => !asked || asked.includes(s.name))
const quality = 55
const patience = 600 // milliseconds for what is drawn after the last skeleton has gone: charts, pictures
const slow = 120_000 // milliseconds that a step may take
const languages = ['zh-CN', 'en-US'] as const
const sizes = { desktop, phone } as const
type Size = keyof typeof sizes

let on: Tenon
let fresh: Tenon // nobody has set it up
let cookie: string
beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  on = await startTenon()
  fresh = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  await on.api('POST', '/apps/general:verify', {})
  await on.api('POST', '/tokens', { name: '电商平台对接', days: 90 })
  for (const [i, name] of ['李强', '陈晓', '吴静'].entries())
    await on.api('POST', '/users', { name, email: `user${i + 1}@example.com`, password: `first-of-many-1${i}` })
  const sales = await on.api<{ id: string }>('POST', '/departments', { name: '销售部' })
  await on.api('POST', '/departments', { name: '华东区', parent: sales.id })
  await on.api('POST', '/departments', { name: '采购部' })
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
  await fresh.stop()
  if (!kept) rmSync(pictures, { recursive: true })
})

async function first(entity: string, filter?: string): Promise<string | undefined> {
  const q = filter ? `&filter=${encodeURIComponent(filter)}` : ''
  const list = await on.api<{ records: { id: string }[] }>('GET', `/apps/general/${entity}?page_size=1${q}`)
  return list.records[0]?.id
}

/** settled waits until a page shows what it has, instead of what stands in its place. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.bone, .tv-bone')].every((bone) => bone.closest('.dev-part')),
  )
  await page.waitForTimeout(patience)
}

async function visit(page: Page, s: Screen, size: Size): Promise<void> {
  const stage = { on, page, phone: size === 'phone', first }
  const address = typeof s.at === 'string' ? s.at : await s.at(stage)
  await page.goto((s.fresh ? fresh : on).url + address)
  await settled(page)
  await s.act?.(stage)
  if (s.act) await page.waitForTimeout(patience)
}

const nameOf = (s: Screen, size: Size, look: string): string => `${s.name}-${size}-${look}.jpg`

/** take takes the pictures of a screen: in Chinese in the dark, too. */
async function take(page: Page, s: Screen, locale: (typeof languages)[number], size: Size): Promise<void> {
  await page.emulateMedia({ media: 'screen', colorScheme: 'light', reducedMotion: 'reduce' })
  await visit(page, s, size)
  await page.mouse.move(1, 1)
  for (const dark of [false, true]) {
    if (dark && locale !== 'zh-CN') continue
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, dark ? 'dark' : 'light')
    await page.waitForTimeout(patience / 2)
    const name = nameOf(s, size, dark ? 'dark' : locale.slice(0, 2))
    await page.screenshot({ path: join(pictures, name), type: 'jpeg', quality: 80 })
    if (main.includes(s) && !dark) await page.screenshot({ path: join(folder, name), type: 'jpeg', quality })
  }
}

const turns = languages.flatMap((locale) => (['desktop', 'phone'] as const).map((size) => [locale, size] as const))
test.each(turns)('%s %s', async (locale, size) => {
  await on.api('PATCH', '/me', { locale })
  const [inside, outside] = await Promise.all(
    [cookie, undefined].map((as) => open(on, { as, viewport: sizes[size], locale })),
  )
  for (const { page } of [inside!, outside!]) page.setDefaultTimeout(slow)
  const wrong: string[] = []
  for (const s of all) {
    if (s.desktop && size === 'phone') continue
    const { page } = s.out || s.fresh ? outside! : inside!
    await take(page, s, locale, size).catch((e) => wrong.push(`${s.name}: ${String(e).slice(0, 400)}`))
  }
  await inside!.context.close()
  await outside!.context.close()
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
})

test('what is shown together', { skip: !!asked && !kept }, async () => {
  const sheets: [string, string][] = []
  for (const size of ['desktop', 'phone'] as const)
    for (const look of ['zh', 'en', 'dark'] as const) {
      const list = (look === 'dark' ? [...main, ...more] : more).flatMap((s): Shot[] => {
        const path = join(pictures, nameOf(s, size, look))
        return existsSync(path) ? [{ title: look === 'en' ? s.en : s.zh, size, picture: readFileSync(path) }] : []
      })
      for (const [i, picture] of (await sheetOf(list, look === 'dark')).entries()) {
        const name = `sheet-${size}-${look}-${i + 1}.jpg`
        writeFileSync(join(folder, name), picture)
        sheets.push([look, name])
      }
    }
  writeFileSync(join(docs, 'tour.md'), page(sheets))
})

/** page is the text of docs/tour.md. */
function page(sheets: [string, string][]): string {
  const picture = (s: Screen, size: Size, language: string): string =>
    `<img src="tour/${nameOf(s, size, language)}" width="${size === 'desktop' ? 640 : 180}" alt="${s.en}, ${size}, ${language}">`
  const own = main.map((s) => {
    const rows = ['zh', 'en'].map((l) => (['desktop', 'phone'] as const).map((size) => picture(s, size, l)).join(' '))
    return `## ${s.en} · ${s.zh}\n\n${rows.join('\n\n')}\n`
  })
  const together = (look: string, title: string): string =>
    `## ${title}\n\n${sheets
      .filter(([l]) => l === look)
      .map(([, name]) => `<img src="tour/${name}" width="820" alt="${title}">`)
      .join('\n\n')}\n`
  const intro = `# A tour in pictures

Taken by \`make tour\` from 进销存（通用版） with its demo data; each screen in both languages, on a desktop and on a phone.
`
  return [
    intro,
    ...own,
    together('zh', 'All other screens, in Chinese · 其他界面'),
    together('en', 'All other screens, in English'),
    together('dark', 'Every screen in the dark · 深色'),
  ].join('\n')
}
