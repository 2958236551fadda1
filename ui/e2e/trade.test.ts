import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, desktop, open, phone, picture, startTenon, type Tenon, type Watched } from './lib.ts'

interface Rec {
  id: string
  name: string
  code: string
}

let on: Tenon
beforeAll(async () => {
  on = await startTenon()
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const list = async (entity: string, filter: string): Promise<Rec> =>
  (await on.api<{ records: Rec[] }>('GET', `/apps/general/${entity}?page_size=1&filter=${encodeURIComponent(filter)}`))
    .records[0]!

/** choose picks what a field leads to, by what it is called. */
async function choose(page: Page, field: string, text: string): Promise<void> {
  await page.locator(`[data-field=${field}] input`).fill(text)
  await page.getByRole('option', { name: text }).first().click()
}

/** addLine fills in a line of so many of an item at a price. */
async function addLine(page: Page, code: string, qty: string, price: string): Promise<void> {
  await page.getByRole('button', { name: /添加一行/ }).click()
  const first = page.getByRole('combobox', { name: '商品 1', exact: true })
  await first.or(page.getByRole('button', { name: /^商品 1:/ })).click()
  await first.fill(code)
  await page.keyboard.press('Enter')
  const cell = async (name: string, text: string): Promise<void> => {
    const box = page.getByRole('textbox', { name: `${name} 1`, exact: true })
    await box.or(page.getByRole('button', { name: `${name} 1: ` })).click()
    await box.fill(text)
    await page.keyboard.press('Enter')
  }
  await cell('数量', qty)
  await cell('单价（未税）', price)
}

async function saveAndApprove({ page, check }: Watched, what: string): Promise<void> {
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await page.waitForURL(new RegExp(`/r/${what}/`))
  await page.getByRole('button', { name: '审核', exact: true }).click()
  await page.locator('.record-head .tag', { hasText: '已审核' }).waitFor()
  await check(`${what}, approved`)
}

const onHand = async (page: Page): Promise<number> =>
  Number((await page.locator('[data-field=on_hand] .shown').first().textContent())!.replaceAll(',', ''))

test('a company is set up, the template installed with its demo data; goods are received and sold, and stock says so', async () => {
  const mine = await open(on)
  const { page, check, expected } = mine
  expected.push(/401/) // who nobody is yet
  await page.goto(on.url)
  await page.getByLabel('设置口令').fill(on.token)
  await page.getByLabel('公司名称').fill('榫卯商贸')
  await page.getByLabel('您的姓名').fill(on.admin.name)
  await page.getByLabel('邮箱').fill(on.admin.email)
  await page.getByLabel('密码', { exact: true }).fill(on.admin.password)
  await page.getByLabel('再次输入密码').fill(on.admin.password)
  await page.getByRole('button', { name: '建立并进入' }).click()
  await page.getByRole('link', { name: '去模板库看看' }).click()
  await page.getByRole('link', { name: /进销存（通用版）/ }).click()
  await page.getByRole('button', { name: '安装' }).click()
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '开始安装' }).click()
  await page.waitForURL(/\/a\/general\/v\//, { timeout: 120_000 })

  // An item without batches, and whom it is bought from and sold to.
  const item = await list('item', 'active && !batch_required && on_hand > 100.0')
  const warehouse = await list('warehouse', 'true')
  const supplier = await list('partner', 'is_supplier && active')
  const customer = await list('partner', 'is_customer && active')

  // How much there is: the item's page, which stays open.
  const stock = await open(on, { as: await on.signIn(on.admin.email, on.admin.password), viewport: phone })
  await stock.page.goto(`${on.url}/a/general/r/item/${item.id}`)
  await stock.page.getByRole('tab', { name: '库存' }).click()
  await stock.page.locator('[data-field=on_hand]').waitFor()
  const before = await onHand(stock.page)

  // And a colleague's table, which shows it too.
  const colleague = await open(on, {
    as: await on.signIn(on.admin.email, on.admin.password),
    viewport: { width: 1920, height: 900 },
  })
  await colleague.page.goto(`${on.url}/a/general/v/item_table?search=${item.code}`)
  const inTable = colleague.page.getByRole('row').filter({ hasText: item.name }).first()
  await inTable.waitFor()

  await page.getByRole('link', { name: '采购入库', exact: true }).click()
  await page.getByRole('button', { name: '新建' }).click()
  await choose(page, 'supplier', supplier.name)
  await choose(page, 'warehouse', warehouse.name)
  await addLine(page, item.code, '24', '2.50')
  await check('a receipt of goods')
  await picture(page, 'trade-receipt')
  await saveAndApprove(mine, 'goods_receipt')
  await expect.poll(() => onHand(stock.page), { timeout: 15_000 }).toBe(before + 24)

  await page.getByRole('link', { name: '销售出库', exact: true }).click()
  await page.getByRole('button', { name: '新建' }).click()
  await choose(page, 'customer', customer.name)
  await choose(page, 'warehouse', warehouse.name)
  await addLine(page, item.code, '5', '3.60')
  await check('a delivery')
  await saveAndApprove(mine, 'delivery')
  await expect.poll(() => onHand(stock.page), { timeout: 15_000 }).toBe(before + 19)
  await inTable
    .getByText(new Intl.NumberFormat('en-US').format(before + 19), { exact: true })
    .first()
    .waitFor()
  await stock.check('stock on a phone')
  await picture(stock.page, 'trade-stock')

  // The ledger says where it came from and went.
  await page.getByRole('link', { name: '即时库存', exact: true }).click()
  await page.getByRole('searchbox').fill(item.code)
  await page.getByRole('row').filter({ hasText: item.name }).first().waitFor()
  await check('stock')
  await picture(page, 'trade-balance')
  expect(page.viewportSize()).toEqual(desktop)
})
