import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon, type Watched } from './lib.ts'

interface Order {
  id: string
  code: string
  customer: string
  warehouse: string
  version: number
}

// What a page shows, once it does.
const poll = <T>(f: () => T | Promise<T>) => expect.poll(f, { timeout: 15_000 })

let on: Tenon
let cookie: string
beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const drafts = async (): Promise<Order[]> =>
  (
    await on.api<{ records: Order[] }>(
      'GET',
      `/apps/general/sales_order?view=sales_order_board&filter=${encodeURIComponent('state == "draft"')}`,
    )
  ).records

const column = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
const card = (page: Page, name: string, code: string): Locator =>
  column(page, name).getByRole('button', { name: code, exact: true })

async function board(more: Parameters<typeof open>[1] = {}): Promise<Watched> {
  const w = await open(on, { as: cookie, ...more })
  await w.page.goto(`${on.url}/a/general/v/sales_order_board?lanes=off`)
  await w.page.getByRole('heading', { name: '销售订单看板' }).waitFor()
  return w
}

/** drag moves a card with the mouse in steps, as a hand does. */
async function drag(page: Page, what: Locator, to: Locator): Promise<void> {
  const a = (await what.boundingBox())!
  const b = (await to.boundingBox())!
  await page.mouse.move(a.x + 20, a.y + a.height / 2)
  await page.mouse.down()
  await page.mouse.move(a.x + 40, a.y + 30, { steps: 4 })
  await page.mouse.move(b.x + b.width / 2, b.y + 200, { steps: 8 })
  await page.locator('.board-over').waitFor()
  await page.mouse.up()
}

test('cards move by keyboard and by mouse, others see it, and a refusal is told at the card', async () => {
  const [order] = await drafts()
  const { code } = order!
  const one = await board()
  const two = await board()
  await card(one.page, '草稿', code).waitFor()
  await card(two.page, '草稿', code).waitFor()
  const approved = column(one.page, '已审核').locator('.board-card')
  await poll(() => approved.count()).toBe(20)
  await column(one.page, '已审核')
    .getByRole('button', { name: /再显示一些/ })
    .click()
  const { count } = await on.api<{ count: number }>(
    'GET',
    `/apps/general/sales_order?view=sales_order_board&page_size=1&count=exact&filter=${encodeURIComponent('state == "approved"')}`,
  )
  expect(count).toBeGreaterThan(20)
  await poll(() => approved.count()).toBe(Math.min(40, count))
  await one.page.reload()
  await card(one.page, '草稿', code).waitFor()
  await one.check('board')
  await picture(one.page, 'board')

  await card(one.page, '草稿', code).click()
  await one.page.getByRole('dialog').getByText(code).first().waitFor()
  await one.check('board, a record beside it')
  await one.page.keyboard.press('Escape')
  await one.page.getByRole('dialog').waitFor({ state: 'detached' })

  // By keyboard: what doesn't accept is stepped over, and what happens is read out.
  await card(one.page, '草稿', code).focus()
  await one.page.keyboard.press('Space')
  await one.page.getByText(`已拿起「${code}」`, { exact: false }).waitFor()
  await one.check('board, a card is lifted')
  await one.page.keyboard.press('ArrowRight')
  await one.page.getByText('到「待审核」上方。').waitFor()
  await one.page.keyboard.press('Space')
  await one.page.getByText(`「${code}」已移到「待审核」`).waitFor()
  await card(one.page, '待审核', code).waitFor()
  expect(await card(one.page, '待审核', code).evaluate((el) => el === document.activeElement)).toBe(true)
  await card(two.page, '待审核', code).waitFor()
  await two.page.getByText('刚刚被他人更改').first().waitFor({ state: 'attached' })
  await two.check('board, changed by somebody else')

  // Escape leaves it where it was.
  await one.page.keyboard.press('Space')
  await one.page.keyboard.press('ArrowRight')
  await one.page.keyboard.press('Escape')
  await card(one.page, '待审核', code).waitFor()

  // By mouse, against a rule: the card goes back and says why.
  const at = await on.api<Order>('GET', `/apps/general/partner/${order!.customer}`)
  await on.api('PATCH', `/apps/general/partner/${at.id}`, { credit_limit: '1.00' })
  one.expected.push(/422/)
  await drag(one.page, card(one.page, '待审核', code), column(one.page, '已审核'))
  await column(one.page, '待审核').getByRole('alert').getByText('超过客户信用额度', { exact: false }).waitFor()
  await card(one.page, '待审核', code).waitFor()
  await one.check('board, refused')
  await picture(one.page, 'board-refused')

  // A closed order is reached from approved ones alone: the column doesn't accept.
  await one.page.getByRole('button', { name: '关闭', exact: true }).first().click()
  await drag(one.page, card(one.page, '待审核', code), column(one.page, '草稿'))
  await one.page.getByText(`「${code}」已移到「草稿」`).waitFor()
  await one.page.getByRole('button', { name: '撤销' }).last().click()
  await one.page.getByText(`「${code}」已移回「待审核」`).waitFor()
  await card(two.page, '待审核', code).waitFor()
  await drag(one.page, card(one.page, '待审核', code), column(one.page, '草稿'))
  await card(two.page, '草稿', code).waitFor()
  await one.context.close()
  await two.context.close()
})

test('on a phone there is one column at a time, and cards move by their menu', async () => {
  const [order] = await drafts()
  const { code, warehouse } = order!
  const place = await on.api<{ name: string }>('GET', `/apps/general/warehouse/${warehouse}`)
  const { page, check, context } = await board({ viewport: phone })
  await card(page, '草稿', code).waitFor()
  await check('board on a phone')
  await picture(page, 'board-phone')
  await page.getByRole('button', { name: `「${code}」的操作` }).click()
  await page.getByRole('menuitem', { name: /待审核/ }).click()
  await page.getByText(`「${code}」已移到「待审核」`).waitFor()
  await page.getByRole('button', { name: /^待审核/ }).click()
  await card(page, '待审核', code).waitFor()
  await page.getByRole('switch').click({ force: true })
  await page.getByRole('heading', { name: place.name }).waitFor()
  await check('board with lanes on a phone')
  await context.close()
})

test('a finger that rests on a card lifts it, one that moves scrolls', async () => {
  const { page, context } = await board({ viewport: { width: 1180, height: 820 }, hasTouch: true })
  const column2 = column(page, '待审核')
  const code = (await column2.locator('.board-open').first().textContent()) ?? ''
  const hand = await context.newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number, y: number) =>
    hand.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] })
  const from = (await card(page, '待审核', code).boundingBox())!
  const to = (await column(page, '草稿').boundingBox())!
  await touch('touchStart', from.x + 40, from.y + 8)
  await touch('touchMove', from.x + 40, from.y + 60)
  await touch('touchEnd', 0, 0)
  await page.locator('.board-ghost').waitFor({ state: 'detached' })
  await touch('touchStart', from.x + 40, from.y + 8)
  await page.locator('.board-ghost').waitFor()
  for (let i = 1; i <= 6; i++)
    await touch('touchMove', from.x + 40 + ((to.x + 140 - from.x - 40) * i) / 6, from.y + 8 + 20 * i)
  const over = page.locator('.board-over')
  for (let i = 0; i < 20 && !(await over.isVisible()); i++) {
    await touch('touchMove', to.x + 140 + (i % 2), from.y + 128) // no finger rests quite still
    await page.waitForTimeout(250)
  }
  await over.waitFor()
  await touch('touchEnd', 0, 0)
  await page.getByText(`「${code}」已移到「草稿」`).waitFor()
  await card(page, '草稿', code).waitFor()
  await context.close()
})

test('lanes group cards, and a board shows what is searched for', async () => {
  const { page, check, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/sales_order_board`)
  await page.getByRole('heading', { name: /华东中心仓/ }).waitFor()
  await page.locator('.board-card').first().waitFor()
  await check('board with lanes')
  await picture(page, 'board-lanes')
  const code = (await page.locator('.board-open').first().textContent()) ?? ''
  await page.getByRole('searchbox', { name: '搜索' }).fill(code)
  await page.waitForURL(/search=/)
  await poll(() => page.locator('.board-card').count()).toBe(1)
  await context.close()
})

test('a board over choices changes the field, adds in place, and narrows by conditions', async () => {
  await on.api('PUT', '/apps/general/documents/view/partner_board', {
    'x-kind': 'view',
    'x-version': 1,
    'x-name': 'partner_board',
    title: '客户分布',
    'x-title': { 'en-US': 'Customers by region' },
    type: 'board',
    entity: 'partner',
    by: 'region',
    columns: [{ field: 'name' }, { field: 'phone' }, { field: 'receivable' }],
    sum: 'receivable',
    limits: [{ option: 'east', max: 1 }],
  })
  await on.api('POST', '/apps/general/releases', { reason: '客户分布' })
  const { page, check, expected, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/partner_board`)
  const east = column(page, '华东')
  await east.locator('.board-card').first().waitFor()
  await east.getByText('超出上限').waitFor()
  await check('board over choices')

  await east.getByRole('button', { name: /中新增/ }).click()
  await page.getByRole('dialog').getByLabel('名称', { exact: true }).fill('义乌小巷百货')
  await page.getByRole('dialog').getByLabel('编码', { exact: true }).fill('KH999')
  await check('board, quick add')
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
  // What the refusal is about is asked for then.
  expected.push(/422/)
  await page.getByRole('dialog').getByRole('switch').click({ force: true })
  await check('board, quick add refused')
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
  await page.getByText('已新增「义乌小巷百货」').waitFor()

  await page.getByRole('searchbox', { name: '搜索' }).fill('义乌小巷')
  const made = page.getByRole('button', { name: '义乌小巷百货', exact: true })
  await poll(() => page.locator('.board-card').count()).toBe(1)
  await made.focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await page.getByText('「义乌小巷百货」已移到').waitFor()
  const found = await on.api<{ records: { region: string }[] }>(
    'GET',
    `/apps/general/partner?filter=${encodeURIComponent('name == "义乌小巷百货"')}`,
  )
  expect(found.records[0]!.region).not.toBe('east')

  await page.goto(`${on.url}/a/general/v/partner_board?filter=${encodeURIComponent('receivable > 0.0')}`)
  await page.locator('.narrow-text').waitFor()
  await page.locator('.board-card').first().waitFor()
  await page.locator('.narrow-words').click()
  await page.getByRole('dialog').getByRole('button', { name: '清除' }).waitFor()
  await check('board, condition')
  await page.getByRole('dialog').getByRole('button', { name: '清除' }).click()
  await page.waitForURL((u) => !u.searchParams.has('filter'))
  await context.close()
})

test('a board over a reference with lanes by option: a card that moves points elsewhere', async () => {
  await on.api('PUT', '/apps/general/documents/view/warehouse_board', {
    'x-kind': 'view',
    'x-version': 1,
    'x-name': 'warehouse_board',
    title: '按仓库',
    'x-title': { 'en-US': 'By warehouse' },
    type: 'board',
    entity: 'sales_order',
    by: 'warehouse',
    lane: 'state',
    filter: "state == 'draft' || state == 'submitted'",
    columns: [{ field: 'code' }, { field: 'customer.name' }, { field: 'total' }],
  })
  await on.api('POST', '/apps/general/releases', { reason: '按仓库' })
  const { page, check, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/warehouse_board`)
  await page.getByRole('heading', { name: /草稿/ }).first().waitFor()
  await page.locator('.board-card').first().waitFor()
  await check('board over a reference, with lanes')
  await picture(page, 'board-reference')
  const [first] = await drafts()
  const was = (await on.api<{ warehouse: string }>('GET', `/apps/general/sales_order/${first!.id}`)).warehouse
  await page.goto(`${on.url}/a/general/v/warehouse_board?lanes=off`)
  await page.getByRole('button', { name: first!.code, exact: true }).focus()
  const step = (await page.getByRole('region').first().getByRole('button', { name: first!.code, exact: true }).count())
    ? 'ArrowRight'
    : 'ArrowLeft'
  await page.keyboard.press('Space')
  await page.keyboard.press(step)
  await page.keyboard.press('Space')
  await poll(
    async () =>
      (await on.api<{ warehouse: string }>('GET', `/apps/general/sales_order/${first!.id}`)).warehouse === was,
  ).toBe(false)
  await context.close()
})
