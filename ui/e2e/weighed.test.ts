import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

type Rec = { id: string; code: string; lines: Record<string, string | null>[] }

let on: Tenon
let cookie: string
const make = (entity: string, body: Record<string, unknown>) => on.api<Rec>('POST', `/apps/general/${entity}`, body)
const at: Record<string, string> = {}

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, false)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  const unit = (await make('unit', { name: '千克', decimals: 3 })).id
  const bird = (await make('unit', { name: '只' })).id
  const category = (await make('item_category', { code: 'F9', name: '生鲜' })).id
  const plain = { category, unit, tax_rate: '0.09', sale_price: '36', purchase_price: '28.5' }
  at.rice = (await make('item', { ...plain, code: 'R900', name: '大米' })).id
  const weighed = { ...plain, catch_weight: true, piece_unit: bird, piece_weight: '1.3' }
  at.hen = (await make('item', { ...weighed, code: 'H900', name: '三黄鸡' })).id
  const supplier = (await make('partner', { code: 'S900', name: '田园养殖', is_supplier: true, region: 'east' })).id
  at.customer = (await make('partner', { code: 'C900', name: '康乐商贸', is_customer: true, region: 'east' })).id
  at.warehouse = (await make('warehouse', { code: 'K900', name: '中央仓', region: 'east' })).id
  const { warehouse, hen: item } = at
  const goods = await make('goods_receipt', {
    supplier,
    warehouse,
    lines: [{ item, qty: '13.26', pieces: '10', price: '28.5' }],
  })
  await on.api('POST', `/apps/general/goods_receipt/${goods.id}:transition`, { transition: 'approve' })
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test('pieces are asked for where goods are weighed and counted, and nowhere else', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/delivery`)
  const pick = async (line: number, item: string): Promise<void> => {
    await page.getByRole('button', { name: '添加一行' }).click()
    await page.getByRole('button', { name: new RegExp(`^商品 ${line}:`) }).click()
    await page.getByRole('combobox', { name: `商品 ${line}`, exact: true }).fill(item)
    await page.getByRole('option', { name: item }).first().click()
  }
  await page.getByRole('combobox', { name: '客户' }).click()
  await page.getByRole('option', { name: '康乐商贸' }).click()
  const pieces = page.getByRole('columnheader', { name: '件数', exact: true })
  await pick(1, '大米')
  await expect.poll(() => page.getByRole('button', { name: /^单价（未税） 1:/ }).textContent()).toContain('36')
  expect(await pieces.count()).toBe(0)
  await pick(2, '三黄鸡')
  await pieces.waitFor()
  await picture(page, 'weighed-delivery')
  await check('a delivery with pieces')
})

test('pieces are on a card of a phone, and refused where there are not as many', async () => {
  const { customer, warehouse, hen: item } = at
  const much = await make('delivery', { customer, warehouse, lines: [{ item, qty: '5', pieces: '11' }] })
  const { page, check, expected } = await open(on, { as: cookie, viewport: phone, colorScheme: 'dark' })
  expected.push(/422/)
  await page.goto(`${on.url}/a/general/r/delivery/${much.id}`)
  await page.getByText('件数').first().waitFor()
  await picture(page, 'weighed-phone')
  await check('a delivery on a phone')
  await page.getByRole('button', { name: '审核' }).click()
  await page
    .getByText(/件数只有 10，不够 11/)
    .first()
    .waitFor()
  await picture(page, 'weighed-refused')
  await check('a delivery of too many')
})

test('stock and the books show pieces beside the weight', async () => {
  const { page, check } = await open(on, { as: cookie, viewport: { width: 2200, height: 900 } })
  await page.goto(`${on.url}/a/general/v/stock_balance_table`)
  await page.getByRole('columnheader', { name: '件数', exact: true }).waitFor()
  await page.getByText('13.26').first().waitFor()
  await check('stock')
  await picture(page, 'weighed-stock')
  await page.goto(`${on.url}/a/general/v/stock_entry_table`)
  await page.getByRole('columnheader', { name: '结存件数' }).waitFor()
  await check('movements')
  await page.goto(`${on.url}/a/general/ledgers`)
  await page.getByText('数量之外同时记件数').waitFor()
  await check('ledgers')
  await picture(page, 'weighed-books')
  await page.goto(`${on.url}/a/general/r/item/${at.hen}`)
  await page.getByRole('tab', { name: '库存' }).click()
  await page.getByText('平均件重').waitFor()
  await check('an item')
  await picture(page, 'weighed-item')
})
