import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

interface Order {
  id: string
  code: string
  ship_on: string
}

const view = {
  'x-kind': 'view',
  'x-version': 1,
  'x-name': 'ship_calendar',
  title: '发货日历',
  'x-title': { 'en-US': 'Shipping' },
  type: 'calendar',
  entity: 'sales_order',
  start: 'ship_on',
  filter: "state == 'draft'",
  columns: [{ field: 'code' }, { field: 'customer.name' }, { field: 'total' }],
  colors: [
    { name: 'large', when: 'total >= 1.0', color: 'orange', title: '有金额', 'x-title': { 'en-US': 'Has an amount' } },
  ],
}

// What a page shows, once it does.
const poll = <T>(f: () => T | Promise<T>) => expect.poll(f, { timeout: 15_000 })

let on: Tenon
let cookie: string
let order: Order
const day = (n: number): string => {
  const at = new Date(`${order.ship_on}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + n)
  return at.toISOString().slice(0, 10)
}
const shipOn = async (): Promise<string> =>
  (await on.api<Order>('GET', `/apps/general/sales_order/${order.id}`)).ship_on

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  await on.api('PUT', '/apps/general/documents/view/ship_calendar', view)
  await on.api('POST', '/apps/general/releases', { reason: '发货日历' })
  const { records } = await on.api<{ records: Order[] }>(
    'GET',
    `/apps/general/sales_order?filter=${encodeURIComponent("state == 'draft'")}`,
  )
  // The middle of the next month has room on both sides, whatever day it is.
  const now = new Date()
  const middle = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 15)).toISOString().slice(0, 10)
  order = { ...records[0]!, ship_on: middle }
  await on.api('PATCH', `/apps/general/sales_order/${order.id}`, { ship_on: middle })
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const cell = (page: Page, d: string) => page.locator(`[role="gridcell"][data-drop="${d}"]`)

async function drag(page: Page, to: string): Promise<void> {
  const a = (await page.locator(`[data-entry="${order.id}"]`).first().boundingBox())!
  await page.mouse.move(a.x + 10, a.y + 8)
  await page.mouse.down()
  await page.mouse.move(a.x + 30, a.y + 20, { steps: 4 })
  const b = (await cell(page, to).boundingBox())!
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 8 })
  await page.locator('.cal-over').waitFor()
  await page.mouse.up()
}

test('records move to other days by mouse and by keyboard, and a refusal says why', async () => {
  // All weeks are in sight: near the edge of the window a drag scrolls.
  const { page, check, expected, context } = await open(on, { as: cookie, viewport: { width: 1280, height: 1150 } })
  await page.goto(`${on.url}/a/general/v/ship_calendar?day=${order.ship_on}`)
  const entry = page.getByRole('button', { name: new RegExp(order.code) })
  await entry.first().waitFor()
  await check('calendar, month')
  await picture(page, 'calendar')

  await drag(page, day(1))
  await page.getByText(`「${order.code}」已移到`).waitFor()
  await cell(page, day(1))
    .getByRole('button', { name: new RegExp(order.code) })
    .waitFor()
  expect(await shipOn()).toBe(day(1))
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText(`「${order.code}」已移回`).waitFor()
  expect(await shipOn()).toBe(order.ship_on)

  await page.locator(`[data-entry="${order.id}"]`).focus()
  await page.keyboard.press('Space')
  await page.getByText(`已拿起「${order.code}」`, { exact: false }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await cell(page, day(2))
    .getByRole('button', { name: new RegExp(order.code) })
    .waitFor()
  await poll(shipOn).toBe(day(2))

  // Before the order's own day there is a rule.
  expected.push(/422/)
  await page.goto(`${on.url}/a/general/v/ship_calendar?mode=agenda&day=${day(2)}`)
  await page.locator(`[data-entry="${order.id}"]`).waitFor()
  await check('calendar, agenda')
  await page.locator(`[data-entry="${order.id}"]`).focus()
  await page.keyboard.press('Space')
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Space')
  await page.getByRole('alert').getByText('早于订单日期', { exact: false }).waitFor()
  await check('calendar, refused')
  expect(await shipOn()).toBe(day(2))
  await context.close()
})

test('days are walked by the arrow keys, and turned by page', async () => {
  const { page, check, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/ship_calendar?mode=week&day=2026-11-18`)
  await cell(page, '2026-11-18').focus()
  await check('calendar, week')
  await page.getByRole('button', { name: '月', exact: true }).click()
  await cell(page, '2026-11-18').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowLeft')
  await poll(() => cell(page, '2026-11-24').evaluate((el) => el === document.activeElement)).toBe(true)
  await page.keyboard.press('PageDown')
  await page.getByRole('heading', { name: '2026年12月' }).waitFor()
  await poll(() => cell(page, '2026-12-24').evaluate((el) => el === document.activeElement)).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await check('calendar, a day')
  await context.close()
})

test('on a phone it is a list of days', async () => {
  const { page, check, context } = await open(on, { as: cookie, viewport: phone })
  await page.goto(`${on.url}/a/general/v/ship_calendar?day=${day(2)}`)
  await page.locator(`[data-entry="${order.id}"]`).waitFor()
  await check('calendar on a phone')
  await picture(page, 'calendar-phone')
  await context.close()
})
