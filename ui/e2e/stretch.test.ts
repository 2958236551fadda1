import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, desktop, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

let on: Tenon
let cookie: string
let order: string
beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  const list = await on.api<{ records: { id: string }[] }>('GET', '/apps/general/purchase_order?page_size=1')
  order = list.records[0]!.id
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

/** spilt are texts that stand out of their box, or are cut without saying so. */
const spilt = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const out: string[] = []
    for (const el of document.querySelectorAll<HTMLElement>('body *')) {
      const { width, height } = el.getBoundingClientRect()
      if (width < 2 || height < 2 || el.closest('.hidden, svg, [inert]')) continue
      if (![...el.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim())) continue
      const style = getComputedStyle(el)
      if (style.display === 'inline' || style.visibility === 'hidden' || el.scrollWidth <= el.clientWidth + 1) continue
      if (style.textOverflow === 'ellipsis' || ['auto', 'scroll'].includes(style.overflowX)) continue
      out.push(`${el.tagName} ${el.className}: ${el.textContent?.slice(0, 60)}`)
    }
    return out
  })

// Every text 40 % longer, as other languages make it: nothing is spilt, nothing scrolls sideways, axe finds nothing.
const places = (): [string, string, string][] => [
  ['home', '/', 'h1'],
  ['gallery', '/gallery', 'h1'],
  ['template', '/gallery/general', '[role="tab"]'],
  ['account', '/account', 'h1'],
  ['inbox', '/inbox', 'h1'],
  ['users', '/admin/users', 'h1'],
  ['departments', '/admin/departments', 'h1'],
  ['roles', '/admin/roles', 'h1'],
  ['tokens', '/admin/tokens', 'h1'],
  ['audit', '/admin/audit', 'h1'],
  ['apps', '/admin/apps', 'h1'],
  ['table', '/a/general/v/item_table', 'h1'],
  ['grouped', '/a/general/v/item_table?group=category', 'h1'],
  ['board', '/a/general/v/purchase_order_board', 'h1'],
  ['calendar', '/a/general/v/delivery_calendar', 'h1'],
  ['week', '/a/general/v/delivery_calendar?mode=week', 'h1'],
  ['agenda', '/a/general/v/delivery_calendar?mode=agenda', 'h1'],
  ['dashboard', '/a/general/v/business_dashboard', 'h1'],
  ['record', `/a/general/r/purchase_order/${order}`, 'h1'],
  ['new', '/a/general/new/purchase_order', 'main input'],
  ['ledgers', '/a/general/ledgers', 'h1'],
  ['print', `/a/general/print/r/purchase_order/${order}`, 'article'],
]

test.each([
  ['a desktop', desktop, 'zh-CN'],
  ['a phone', phone, 'zh-CN'],
  ['a desktop', desktop, 'en-US'],
  ['a phone', phone, 'en-US'],
] as const)('texts that are longer by two fifths fit %s', async (name, viewport, locale) => {
  await on.api('PATCH', '/me', { locale })
  const { page, context, check } = await open(on, { as: cookie, viewport })
  await page.addInitScript(() => localStorage.setItem('tenon.stretch', '1'))
  for (const [place, address, until] of places()) {
    await page.goto(on.url + address)
    await page.locator(until).first().waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    await check(`${place} on ${name}, ${locale}`)
    expect(await spilt(page), `${place} on ${name}, ${locale}: texts out of their boxes`).toEqual([])
    await picture(page, `stretch-${place}-${viewport.width}-${locale}`)
  }
  await context.close()
})
