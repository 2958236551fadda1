import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { closeBrowser, desktop, open, phone, setUp, startTenon, type Tenon } from './lib.ts'

// Takes the pictures of docs/tour.md anew: `make tour`.
const folder = fileURLToPath(new URL('../../docs/tour/', import.meta.url))

let on: Tenon
let cookie: string
let order: string
let item: string
beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  const list = await on.api<{ records: { id: string }[] }>(
    'GET',
    "/apps/general/purchase_order?page_size=1&filter=state=='submitted'",
  )
  order = list.records[0]!.id
  const items = await on.api<{ records: { id: string }[] }>(
    'GET',
    `/apps/general/item?page_size=1&filter=${encodeURIComponent('on_hand > 0.0')}`,
  )
  item = items.records[0]!.id
  await on.api('POST', '/apps/general:verify', {})
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const places = (): [string, string][] => [
  ['home', '/'],
  ['gallery', '/gallery/general'],
  ['table', '/a/general/v/item_table'],
  ['record', `/a/general/r/purchase_order/${order}`],
  ['new', '/a/general/new/sales_order'],
  ['board', '/a/general/v/purchase_order_board'],
  ['calendar', '/a/general/v/delivery_calendar'],
  ['dashboard', '/a/general/v/business_dashboard'],
  ['profit', '/a/general/v/profit_dashboard'],
  ['ledgers', '/a/general/ledgers'],
  ['explain', `/a/general/r/item/${item}`],
  ['admin', '/admin/users'],
  ['account', '/account'],
]

/** unfold shows where the stock of an item comes from. */
async function unfold(page: Page): Promise<void> {
  await page.getByRole('tab').nth(2).click()
  await page.locator('[data-field=on_hand] .form-why').click()
  await page.locator('.explain-row button').first().click()
  await page.locator('.explain .explain-row').first().waitFor()
}

test.each([
  ['zh-CN', desktop],
  ['zh-CN', phone],
  ['en-US', desktop],
  ['en-US', phone],
] as const)('%s', async (locale, viewport) => {
  await on.api('PATCH', '/me', { locale })
  const { page, context } = await open(on, { as: cookie, viewport, locale })
  for (const [name, address] of places()) {
    await page.goto(on.url + address)
    await page.locator('h1').first().waitFor()
    if (name === 'explain') await unfold(page)
    await page.waitForTimeout(1500)
    const size = viewport.width < 500 ? 'phone' : 'desktop'
    await page.screenshot({ path: `${folder}${name}-${size}-${locale.slice(0, 2)}.jpg`, type: 'jpeg', quality: 58 })
  }
  await context.close()
})
