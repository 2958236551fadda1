import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, desktop, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

interface Rec {
  id: string
  code: string
  name: string
  version: number
}

let on: Tenon
beforeAll(async () => {
  on = await startTenon()
  await setUp(on, false)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const make = (entity: string, body: unknown): Promise<Rec> => on.api<Rec>('POST', `/apps/general/${entity}`, body)
const approve = (entity: string, r: Rec): Promise<Rec> =>
  on.api<Rec>('POST', `/apps/general/${entity}/${r.id}:transition`, { transition: 'approve' })

test('a delivery that takes what an order has reserved says so while it is written, and asks before it is approved', async () => {
  const unit = await make('unit', { name: '盏' })
  const category = await make('item_category', { code: 'LAMP', name: '灯具' })
  const item = await make('item', {
    code: 'LAMP-01',
    name: '台灯',
    category: category.id,
    unit: unit.id,
    sale_price: '20',
  })
  const warehouse = await make('warehouse', { code: 'WH-9', name: '城西仓', region: 'east' })
  const customer = await make('partner', {
    code: 'CU-9',
    name: '上海明光灯饰有限公司',
    is_customer: true,
    region: 'east',
  })
  await approve(
    'stock_other',
    await make('stock_other', {
      direction: 'inward',
      reason: 'opening',
      warehouse: warehouse.id,
      lines: [{ item: item.id, qty: '10', unit_cost: '12' }],
    }),
  )
  const sells = (qty: string): unknown => ({
    customer: customer.id,
    warehouse: warehouse.id,
    lines: [{ item: item.id, qty, price: '20' }],
  })
  await approve('sales_order', await make('sales_order', sells('8')))
  const second = await make('sales_order', sells('5'))
  const delivery = await make('delivery', sells('5'))
  const as = await on.signIn(on.admin.email, on.admin.password)

  const desk = await open(on, { viewport: desktop, as })
  const { page } = desk
  desk.expected.push(/409/)
  await page.goto(`${on.url}/a/general/r/sales_order/${second.id}`)
  await page.getByText('可用库存').first().waitFor()
  expect(await page.locator('.lines').first().textContent()).toMatch(/10.*8.*2/)
  await picture(page, 'reserved-order')
  await desk.check('an order that shows what is available')

  await page.goto(`${on.url}/a/general/r/delivery/${delivery.id}`)
  await page.locator('.form-summary.warn', { hasText: '已为其他订单占用' }).waitFor()
  await desk.check('a delivery of reserved goods')
  await page.getByRole('button', { name: '审核', exact: true }).click()
  const asked = page.getByRole('dialog', { name: '请核对以下提醒' })
  await asked.waitFor()
  expect(await asked.textContent()).toContain('台灯 · 城西仓现有 10，其中 8 已为其他单据预留，可用 2，不够 5')
  await picture(page, 'reserved-asked')
  await desk.check('asked before it is approved')
  await asked.getByRole('button', { name: '取消' }).click()
  await page.locator('.record-head .tag', { hasText: '草稿' }).waitFor()

  await on.api('PATCH', '/me', { locale: 'en-US' })
  const small = await open(on, { viewport: phone, as, locale: 'en-US' })
  small.expected.push(/409/)
  await small.page.goto(`${on.url}/a/general/r/delivery/${delivery.id}`)
  await small.page.getByRole('button', { name: 'Approve', exact: true }).click()
  const said = small.page.getByRole('dialog')
  await said.waitFor()
  expect(await said.textContent()).toContain(
    'has 10 on hand, of which 8 are reserved for other documents; 2 are available, which is not enough for 5.',
  )
  await picture(small.page, 'reserved-asked-phone')
  await small.check('asked on a phone')
  await said.getByRole('button', { name: 'Approve anyway' }).click()
  await small.page.locator('.record-head .tag', { hasText: 'Approved' }).waitFor()

  await page.locator('.record-head .tag', { hasText: '已审核' }).waitFor()
  const { records } = await on.api<{ records: { quantity: string; reserved: string }[] }>(
    'GET',
    `/apps/general/stock_balance?filter=${encodeURIComponent(`item == '${item.id}'`)}`,
  )
  expect(records[0]).toMatchObject({ quantity: '5.0000', reserved: '8.0000' })
})
