import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

type Rec = { id: string; lines?: { batch_no: string | null }[] }

let on: Tenon
let cookie: string
const make = (entity: string, body: Record<string, unknown>) => on.api<Rec>('POST', `/apps/general/${entity}`, body)

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, false)
  cookie = await on.signIn(on.admin.email, on.admin.password)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test('a batch is chosen from those that are there, what expires first first; another is typed', async () => {
  const first = async (entity: string): Promise<string | undefined> =>
    (await on.api<{ records: Rec[] }>('GET', `/apps/general/${entity}?page_size=1`)).records[0]?.id
  const unit = (await first('unit')) ?? (await make('unit', { name: '瓶' })).id
  const category = (await make('item_category', { code: 'D9', name: '饮料' })).id
  const item = (
    await make('item', {
      code: 'W900',
      name: '矿泉水',
      category,
      unit,
      tax_rate: '0.13',
      sale_price: '2',
      shelf_life_days: 3650,
      batch_required: true,
      stock_by_batch: true,
    })
  ).id
  const supplier = (await make('partner', { code: 'S900', name: '清源饮品', is_supplier: true, region: 'east' })).id
  const customer = (await make('partner', { code: 'C900', name: '康乐商贸', is_customer: true, region: 'east' })).id
  const warehouse = (await make('warehouse', { code: 'H900', name: '中央仓', region: 'east' })).id
  const goods = await make('goods_receipt', {
    supplier,
    warehouse,
    received_on: '2026-01-05',
    lines: [
      { item, qty: '10', price: '1', batch_no: 'B-late', produced_on: '2025-12-01' },
      { item, qty: '6', price: '1', batch_no: 'B-soon', produced_on: '2025-11-01' },
    ],
  })
  await on.api('POST', `/apps/general/goods_receipt/${goods.id}:transition`, { transition: 'approve' })
  const made = await make('delivery', { customer, warehouse, lines: [{ item, qty: '4', price: '2' }] })

  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/r/delivery/${made.id}`)
  const box = page.getByRole('combobox', { name: '批号 1', exact: true })
  await page.getByText('B-soon', { exact: true }).click()
  await box.click()
  await page.locator('[role=option]').first().waitFor()
  const offered = await page.locator('[role=option]').allInnerTexts()
  expect(offered.map((x) => x.split('\n')[0])).toEqual(['B-soon', 'B-late'])
  expect(offered[0]).toContain('6')
  await picture(page, 'choose-batch')
  await page.locator('[role=option]').nth(1).click()
  await page.getByText('B-late', { exact: true }).waitFor()
  await page.keyboard.press('Control+s')
  const saved = async (): Promise<string | null | undefined> =>
    (await on.api<Rec>('GET', `/apps/general/delivery/${made.id}`)).lines?.[0]?.batch_no
  await expect.poll(saved, { timeout: 15_000 }).toBe('B-late')

  await page.getByText('B-late', { exact: true }).click()
  await box.fill('')
  await box.pressSequentially('X-7')
  await page.locator('[role=option]', { hasText: 'X-7' }).waitFor()
  await page.keyboard.press('Tab')
  await page.getByText('X-7', { exact: true }).waitFor()
  await check('batches')

  const { page: small, check: checkSmall } = await open(on, { as: cookie, viewport: phone })
  await small.goto(`${on.url}/a/general/r/delivery/${made.id}`)
  await small.locator('.line-card', { hasText: '矿泉水' }).click()
  await small.getByRole('dialog').waitFor()
  await picture(small, 'choose-batch-phone-line')
  const field = small.getByRole('combobox', { name: /^批号/ })
  await field.click()
  await small.locator('[role=option]').first().waitFor()
  // A finger chooses from a short list: the keyboard comes with the second tap.
  expect(await field.getAttribute('inputmode')).toBe('none')
  await field.click()
  expect(await field.getAttribute('inputmode')).toBe(null)
  const list = small.locator('.combo-pop')
  await expect.poll(() => list.evaluate((el) => getComputedStyle(el).opacity), { timeout: 15_000 }).toBe('1')
  const listed = await small.locator('[role=option]').allInnerTexts()
  expect(listed.map((x) => x.split('\n')[0])).toEqual(['B-soon', 'B-late'])
  await small.locator('[role=option]', { hasText: 'B-soon' }).click()
  await small.locator('[role=option]').first().waitFor({ state: 'detached' })
  await small.locator('.line-fact', { hasText: '本批结存' }).getByText('6', { exact: true }).waitFor()
  await picture(small, 'choose-batch-phone')
  await checkSmall('phone')
  await small.getByRole('button', { name: '完成' }).click()
  await small.locator('.line-card', { hasText: 'B-soon' }).waitFor()
  await picture(small, 'choose-batch-phone-card')
  await checkSmall('phone, the line')
  await small.getByRole('button', { name: '保存' }).click()
  await expect.poll(saved, { timeout: 15_000 }).toBe('B-soon')
})
