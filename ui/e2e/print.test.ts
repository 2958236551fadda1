import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'
import { type PdfPage, pagesOf } from './pdf.ts'

interface Rec {
  id: string
  code: string
  version: number
}

let on: Tenon
let cookie: string
let order: Rec
const hostile = '"; } body { display: none } </style><img src=x onerror=alert(1)>'
const a4 = { narrow: 595, wide: 842 }

const list = async (entity: string, query: string): Promise<Rec[]> =>
  (await on.api<{ records: Rec[] }>('GET', `/apps/general/${entity}?${query}`)).records

async function pdf(page: Page): Promise<PdfPage[]> {
  return pagesOf(await page.pdf({ preferCSSPageSize: true }))
}

const close = (p: PdfPage): string => p.text.replace(/\s+/g, '')

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  const items = await list('item', `page_size=50&filter=${encodeURIComponent('active == true')}`)
  const [customer] = await list('partner', `page_size=1&filter=${encodeURIComponent('is_customer == true')}`)
  const [warehouse] = await list('warehouse', 'page_size=1')
  const lines = items.map((item, i) => ({ item: item.id, qty: String(1 + (i % 7)), price: (20 + i).toFixed(2) }))
  const body = { customer: customer!.id, warehouse: warehouse!.id, lines, note: hostile }
  order = await on.api<Rec>('POST', '/apps/general/sales_order', body)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test('an order of fifty lines is printed: heads on every page, sums with the last rows, places to sign', async () => {
  const { page, check } = await open(on, { as: cookie, colorScheme: 'dark' })
  await page.goto(`${on.url}/a/general/r/sales_order/${order.id}?view=sales_order_table`)
  await page.getByRole('button', { name: '更多' }).click()
  await page.getByRole('menuitem', { name: '打印' }).click()
  await page.getByRole('heading', { name: `打印销售订单 ${order.code}` }).waitFor()
  const paper = page.getByRole('article')
  await paper.getByText('榫卯商贸').waitFor()
  await check('print')
  await picture(page, 'print-order')
  expect(await page.title()).toBe(`销售订单 ${order.code}`)
  expect(await paper.evaluate((el) => getComputedStyle(el).color)).toBe('rgb(0, 0, 0)')

  const pages = await pdf(page)
  expect(pages.length).toBeGreaterThan(1)
  for (const [i, p] of pages.entries()) {
    expect(Math.round(p.width)).toBe(a4.narrow)
    const text = close(p)
    expect(text).toContain('序号商品单位数量')
    expect(text).toContain(`第${i + 1}/${pages.length}页`)
    expect(text).toContain(`销售订单${order.code}`)
    expect(text).not.toMatch(/经营看板|打印或存为|毛利|成本|仓库结存/)
  }
  expect(close(pages[0]!)).toContain('榫卯商贸销售订单订单号：')
  const whole = pages.map(close).join('')
  for (let i = 0; i < 50; i++) expect(whole, `line ${i + 1}`).toContain(`${(20 + i).toFixed(2)}0%`)
  const last = close(pages.at(-1)!)
  expect(last).toContain('合计')
  expect(last.indexOf('69.000%')).toBeLessThan(last.indexOf('大写金额：'))
  for (const text of ['未税合计：¥', '业务员：', '客户确认：', '打印人：王敏', hostile.replace(/\s+/g, '')])
    expect(last).toContain(text)

  await page.emulateMedia({ media: 'print' })
  const shown = await page.evaluate(() => ({
    bar: getComputedStyle(document.querySelector('.bar')!).display,
    head: getComputedStyle(document.querySelector('.paper-table thead')!).display,
    row: getComputedStyle(document.querySelector('.paper-table tr')!).breakInside,
    ground: getComputedStyle(document.body).backgroundColor,
  }))
  expect(shown).toEqual({ bar: 'none', head: 'table-header-group', row: 'avoid', ground: 'rgb(255, 255, 255)' })
  await page.emulateMedia({ media: null })
  await page.getByRole('button', { name: '返回' }).click()
  await page.waitForURL(/\/r\/sales_order\//)
})

test('somebody chooses what is on paper and how it is held, and it stays so', async () => {
  const { page, check } = await open(on, { as: cookie })
  const at = `${on.url}/a/general/print/r/sales_order/${order.id}`
  await page.goto(at)
  const heads = page.getByRole('article').locator('thead')
  await heads.getByText('税率').waitFor()
  expect(await heads.getByText('仓库结存').count()).toBe(0)
  await page.getByRole('button', { name: '打印内容' }).click()
  await page.getByRole('dialog').getByText('税率').click()
  await page.getByRole('dialog').getByText('仓库结存', { exact: true }).click()
  await check('print content')
  await page.getByRole('button', { name: '完成' }).click()
  await page.getByRole('button', { name: '纸张：自动' }).click()
  await page
    .getByRole('menuitemradio', { name: '横向' })
    .or(page.getByRole('menuitem', { name: '横向' }))
    .click()
  await page.reload()
  await heads.getByText('仓库结存').waitFor()
  expect(await heads.getByText('税率').count()).toBe(0)
  const [first] = await pdf(page)
  expect(Math.round(first!.width)).toBe(a4.wide)
  expect(close(first!)).toContain('仓库结存')
})

test('records that were ticked are printed together, each on paper of its own', async () => {
  const { page } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/delivery_table`)
  for (const n of [0, 1, 2]) await page.locator(`[data-row="${n}"][data-col="0"]`).click()
  await page.getByRole('button', { name: '打印' }).click()
  await expect.poll(() => page.getByRole('article').count()).toBe(3)
  const numbers = await page.getByRole('article').locator('.paper-line strong').allTextContents()
  const pages = (await pdf(page)).map(close)
  for (const n of numbers) expect(pages.filter((p) => p.includes(`单号：${n}`))).toHaveLength(1)
  expect(pages.filter((p) => p.includes('送货单单号：'))).toHaveLength(3)
})

test('a table is printed as it is filtered, and a dashboard on wide paper', async () => {
  const { page, check } = await open(on, { as: cookie })
  const filter = "state == 'approved' && total > 2000.0"
  await page.goto(`${on.url}/a/general/v/delivery_table?filter=${encodeURIComponent(filter)}&sort=-total`)
  await page.getByRole('grid').waitFor()
  await page.keyboard.press('Control+p')
  await page.getByRole('article').locator('tbody tr').first().waitFor()
  await page.getByRole('article').getByText('筛选：').waitFor()
  await check('print a table')
  await picture(page, 'print-table')
  const { count } = await on.api<{ count: number }>(
    'GET',
    `/apps/general/delivery?count=exact&page_size=1&filter=${encodeURIComponent(filter)}`,
  )
  const pages = await pdf(page)
  expect(pages.every((p) => close(p).includes('序号单号客户'))).toBe(true)
  const codes = new Set(
    pages
      .map(close)
      .join('')
      .match(/DN\d{8}-\d{4}/g),
  )
  expect(codes.size).toBe(count)
  expect(close(pages.at(-1)!)).toContain('合计')
  await page.getByRole('button', { name: '返回' }).click()
  await page.waitForURL(/v\/delivery_table\?filter=/)

  await page.goto(`${on.url}/a/general/v/business_dashboard`)
  await page.locator('.dash-chart canvas').first().waitFor()
  const board = await pdf(page)
  expect(Math.round(board[0]!.width)).toBe(a4.wide)
  expect(board.length).toBeLessThan(6)
})

test('what is not saved is not printed, and paper can be looked at on a phone', async () => {
  const { page, check } = await open(on, { as: cookie, viewport: phone })
  await page.goto(`${on.url}/a/general/r/sales_order/${order.id}`)
  await page.locator('[data-field=customer_no] input').fill('PO-77')
  await page.keyboard.press('Control+p')
  await page.getByText('请先保存再打印').waitFor()
  await page.goto(`${on.url}/a/general/print/r/sales_order/${order.id}`)
  await page.getByRole('article').getByText('榫卯商贸').waitFor()
  await check('print on a phone')
  await picture(page, 'print-phone')
  const wide = await page.locator('.print-desk').evaluate((el) => el.scrollWidth - el.clientWidth)
  expect(wide).toBeLessThanOrEqual(1)
  const pages = await pdf(page)
  expect(pages.length).toBeGreaterThan(1)
  expect(close(pages[0]!)).toContain('序号商品单位数量')
})
