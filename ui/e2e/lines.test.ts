import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

type Line = Record<string, string | null>
type Rec = { id: string; code: string; lines: Line[] }

let on: Tenon
let cookie: string
const make = (entity: string, body: Record<string, unknown>) => on.api<Rec>('POST', `/apps/general/${entity}`, body)
const approve = (entity: string, id: string) =>
  on.api('POST', `/apps/general/${entity}/${id}:transition`, { transition: 'approve' })
const newest = async (entity: string): Promise<Rec | undefined> => {
  const list = await on.api<{ records: Rec[] }>('GET', `/apps/general/${entity}?page_size=1&order_by=id%20desc`)
  return list.records[0] && (await on.api<Rec>('GET', `/apps/general/${entity}/${list.records[0].id}`))
}

const byKeyboard = async (page: Page, field: RegExp, text: string): Promise<void> => {
  await page.getByRole('combobox', { name: field }).fill(text)
  await page.getByRole('option', { name: text }).first().waitFor()
  await page.keyboard.press('Enter')
}

const at: Record<string, string> = {}
let order: Rec
let goods: Rec

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, false)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  at.unit = (await make('unit', { name: '瓶' })).id
  at.category = (await make('item_category', { code: 'D9', name: '饮料' })).id
  at.item = (
    await make('item', {
      code: 'W900',
      name: '矿泉水',
      category: at.category,
      unit: at.unit,
      tax_rate: '0.13',
      sale_price: '2',
    })
  ).id
  at.supplier = (await make('partner', { code: 'S900', name: '清源饮品', is_supplier: true, region: 'east' })).id
  at.customer = (await make('partner', { code: 'C900', name: '康乐商贸', is_customer: true, region: 'east' })).id
  at.warehouse = (await make('warehouse', { code: 'H900', name: '中央仓', region: 'east' })).id
  const { item, supplier, customer, warehouse } = at
  goods = await make('goods_receipt', {
    supplier,
    warehouse,
    lines: [
      { item, qty: '40', price: '1' },
      { item, qty: '20', price: '1.5' },
    ],
  })
  await approve('goods_receipt', goods.id)
  order = await make('sales_order', {
    customer,
    warehouse,
    lines: [
      { item, qty: '10', price: '2' },
      { item, qty: '5', price: '1.8', discount: '0.05' },
    ],
  })
  await approve('sales_order', order.id)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test('all lines of the order are added to a delivery at once, and not again', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/delivery`)
  const several = page.getByRole('button', { name: '批量添加' })
  const dialog = page.getByRole('dialog', { name: '批量添加' })
  await several.click()
  await dialog.getByText('没有可以添加的').waitFor() // no order yet, and so none of its lines
  await dialog.getByRole('button', { name: '商品' }).click()
  await dialog.getByRole('checkbox', { name: /矿泉水/ }).waitFor()
  await check('items to add')
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: '销售订单' }).click()
  await page.getByRole('option', { name: order.code }).click()
  await expect.poll(() => page.getByRole('combobox', { name: '客户' }).inputValue()).toBe('康乐商贸')
  await several.click()
  await dialog.getByRole('checkbox', { name: '全选 2 项' }).press('Space')
  await dialog.getByText(/^未出库\s*10$/).waitFor()
  await check('lines to add')
  await picture(page, 'lines-several')
  await dialog.getByRole('button', { name: '添加 2 行' }).click()
  await expect.poll(() => page.getByRole('button', { name: /^数量 1:/ }).textContent()).toBe('10')
  await expect.poll(() => page.getByRole('button', { name: /^数量 2:/ }).textContent()).toBe('5')
  await page.getByText('共 2 行').waitFor()
  await several.click()
  await dialog.getByText('没有可以添加的').waitFor()
  await page.keyboard.press('Escape')
  await check('a delivery of several lines')
})

test('of an order what is open is added; what has come already only when somebody asks for it', async () => {
  const { item, supplier, warehouse } = at
  const lines = [
    { item, qty: '10', price: '1' },
    { item, qty: '6', price: '1.2' },
  ]
  const bought = await make('purchase_order', { supplier, warehouse, tolerance: '0.5', lines })
  const on_ = `/apps/general/purchase_order/${bought.id}:transition`
  await on.api('POST', on_, { transition: 'submit' })
  await on.api('POST', on_, { transition: 'approve' })
  const [first, second] = (await on.api<Rec>('GET', `/apps/general/purchase_order/${bought.id}`)).lines
  const receipt = await make('goods_receipt', {
    supplier,
    warehouse,
    order: bought.id,
    lines: [
      { order_line: first!.id, item, qty: '10', price: '1' },
      { order_line: second!.id, item, qty: '2', price: '1.2' },
    ],
  })
  await approve('goods_receipt', receipt.id)
  const { page, check } = await open(on, { as: cookie, viewport: phone })
  const set = encodeURIComponent(JSON.stringify({ order: bought.id, supplier, warehouse }))
  await page.goto(`${on.url}/a/general/new/goods_receipt?set=${set}`)
  await page.getByRole('button', { name: '批量添加' }).click()
  const dialog = page.getByRole('dialog', { name: '批量添加' })
  await dialog.getByText(/^未入库\s*4$/).waitFor()
  expect(await dialog.locator('.several-list li').count()).toBe(1)
  await dialog.getByRole('checkbox', { name: '也显示「未入库」为零的' }).press('Space')
  await dialog.getByText(/^未入库\s*0$/).waitFor()
  expect(await dialog.locator('.several-list li').count()).toBe(2)
  await check('open and closed lines to add')
  await picture(page, 'lines-open-phone')
  await dialog.getByRole('checkbox', { name: /未入库\s*4/ }).press('Space')
  await dialog.getByRole('button', { name: '添加 1 行' }).click()
  await page
    .getByText(/数量\s*4/)
    .first()
    .waitFor() // the card of the line, once the engine has filled it in
})

test('several items are looked for and added on a phone', async () => {
  const { page, check } = await open(on, { as: cookie, viewport: phone, colorScheme: 'dark' })
  await page.goto(`${on.url}/a/general/new/sales_order`)
  await page.getByRole('button', { name: '批量添加' }).click()
  const dialog = page.getByRole('dialog', { name: '批量添加' })
  await dialog.getByRole('searchbox').fill('W900')
  const item = dialog.getByRole('checkbox', { name: /矿泉水/ })
  await item.waitFor()
  await item.press('Space')
  await check('items to add on a phone')
  await picture(page, 'lines-several-phone')
  await dialog.getByRole('button', { name: '添加 1 行' }).click()
  await page
    .getByRole('button', { name: /矿泉水/ })
    .first()
    .waitFor()
  await page.getByText('共 1 行').waitFor()
})

test('a line of the order is picked in a delivery, and fills in what it says', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/delivery`)
  await page.getByRole('combobox', { name: '销售订单' }).click()
  await page.getByRole('option', { name: order.code }).click()
  await expect.poll(() => page.getByRole('combobox', { name: '客户' }).inputValue()).toBe('康乐商贸')
  await page.getByRole('button', { name: '添加一行' }).click()
  const box = page.getByRole('combobox', { name: '订单明细 1', exact: true })
  await box.click()
  await page.getByRole('option').nth(1).waitFor()
  await picture(page, 'lines-order-options')
  expect(await page.getByRole('option').allInnerTexts()).toEqual([
    expect.stringContaining(`${order.code} · 1 · 矿泉水`),
    expect.stringContaining(`${order.code} · 2 · 矿泉水`),
  ])
  await page.getByRole('option').nth(1).click()
  await expect.poll(() => page.getByRole('button', { name: /^单价（未税） 1:/ }).textContent()).toContain('1.8')
  await picture(page, 'lines-delivery')
  await check('a delivery')
  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/r\/delivery\//)
  const made = (await newest('delivery'))!
  expect(made.lines[0]).toMatchObject({
    order_line: order.lines[1]!.id,
    item: at.item,
    qty: '5.0000',
    discount: '0.0500',
  })
  await approve('delivery', made.id)
  const now = await on.api<Rec>('GET', `/apps/general/sales_order/${order.id}`)
  expect(now.lines.map((l) => l.open_qty)).toEqual(['10.0000', '0.0000'])
  await page.goto(`${on.url}/a/general/r/sales_order/${order.id}`)
  await page.getByText('未出库').first().waitFor()
  await picture(page, 'lines-order')
  await check('an order')
})

test('an item that several lines have asks for the line, in the words of the rule', async () => {
  const { item, customer, warehouse } = at
  const two = await make('sales_order', {
    customer,
    warehouse,
    lines: [
      { item, qty: '1', price: '2' },
      { item, qty: '2', price: '3' },
    ],
  })
  await approve('sales_order', two.id)
  const { page, check } = await open(on, { as: cookie, viewport: phone })
  await page.goto(`${on.url}/a/general/new/delivery`)
  await byKeyboard(page, /^销售订单/, two.code)
  await page.getByRole('button', { name: '添加一行' }).click()
  await page.locator('.line-card').click()
  await byKeyboard(page, /^商品/, '矿泉水')
  await page.getByRole('textbox', { name: /^数量/ }).fill('1')
  await page.keyboard.press('Tab')
  await page.getByText('请选择订单明细').first().waitFor()
  await picture(page, 'lines-phone-asked')
  await check('a delivery on a phone')
})

test('a return is of a line of the delivery', async () => {
  const delivery = (await newest('delivery'))!
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/sales_return`)
  await page.getByRole('combobox', { name: '原出库单' }).click()
  await page.getByRole('option', { name: delivery.code }).click()
  await page.getByRole('button', { name: '添加一行' }).click()
  await page.getByRole('combobox', { name: '出库明细 1', exact: true }).click()
  await page.getByRole('option', { name: `${delivery.code} · 1 · 矿泉水` }).click()
  await expect.poll(() => page.getByRole('button', { name: /^数量 1:/ }).textContent()).toContain('5')
  await picture(page, 'lines-return')
  await check('a return')
  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/r\/sales_return\//)
  const made = (await newest('sales_return'))!
  expect(made.lines[0]).toMatchObject({ source_line: delivery.lines[0]!.id, price: '1.800000', qty: '5.0000' })
})

test('an invoice is of lines of the supplier’s receipts', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/purchase_invoice`)
  await page.getByRole('combobox', { name: '供应商' }).click()
  await page.getByRole('option', { name: '清源饮品' }).click()
  await page.getByRole('textbox', { name: '发票号码' }).fill('24312000000000000001')
  await page.getByRole('button', { name: '添加一行' }).click()
  await page.getByRole('combobox', { name: '入库明细 1', exact: true }).click()
  await page.getByRole('option').first().waitFor()
  await picture(page, 'lines-invoice-options')
  await page.getByRole('option', { name: `${goods.code} · 2 · 矿泉水` }).click()
  await expect.poll(() => page.getByRole('button', { name: /^开票数量 1:/ }).textContent()).toContain('20')
  await picture(page, 'lines-invoice')
  await check('an invoice')
  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/r\/purchase_invoice\//)
  const made = (await newest('purchase_invoice'))!
  expect(made.lines[0]).toMatchObject({
    source_line: goods.lines[1]!.id,
    goods_receipt: goods.id,
    item: at.item,
    doc_net: '30.00',
  })
})
