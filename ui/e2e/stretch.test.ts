import { afterAll, beforeAll, test } from 'vitest'
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

// Every text 40 % longer, as other languages make it: nothing scrolls sideways, axe finds nothing.
const places = (): [string, string, string][] => [
  ['home', '/', 'h1'],
  ['gallery', '/gallery', 'h1'],
  ['template', '/gallery/general', '[role="tab"]'],
  ['account', '/account', 'h1'],
  ['inbox', '/inbox', 'h1'],
  ['users', '/admin/users', 'h1'],
  ['table', '/a/general/v/item_table', 'h1'],
  ['board', '/a/general/v/purchase_order_board', 'h1'],
  ['calendar', '/a/general/v/delivery_calendar', 'h1'],
  ['dashboard', '/a/general/v/business_dashboard', 'h1'],
  ['record', `/a/general/r/purchase_order/${order}`, 'h1'],
  ['new', '/a/general/new/purchase_order', 'main input'],
]

test.each([
  ['a desktop', desktop],
  ['a phone', phone],
] as const)('texts that are longer by two fifths fit %s', async (name, viewport) => {
  const { page, context, check } = await open(on, { as: cookie, viewport })
  await page.addInitScript(() => localStorage.setItem('tenon.stretch', '1'))
  for (const [place, address, until] of places()) {
    await page.goto(on.url + address)
    await page.locator(until).first().waitFor()
    await check(`${place} on ${name}`)
    await picture(page, `stretch-${place}-${viewport.width}`)
  }
  await context.close()
})
