import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

const card = (name: string, title: string, more: Record<string, unknown>) => ({
  name,
  title,
  entity: 'sales_order',
  filter: "state != 'cancelled'",
  view: 'sales_order_table',
  ...more,
})
const amount = { name: 'amount', title: '金额', op: 'sum', field: 'total' }
const view = {
  'x-kind': 'view',
  'x-version': 1,
  'x-name': 'overview',
  title: '经营总览',
  'x-title': { 'en-US': 'Overview' },
  type: 'dashboard',
  filters: [
    { name: 'period', title: '期间', kind: 'period' },
    { name: 'warehouse', title: '仓库', kind: 'reference', entity: 'warehouse' },
  ],
  cards: [
    card('waiting', '待审核订单', {
      type: 'number',
      filter: "state == 'submitted'",
      measures: [{ name: 'orders', op: 'count' }, amount],
      colors: [{ name: 'many', when: 'orders > 0', color: 'orange', title: '需要处理' }],
      bind: { warehouse: 'warehouse' },
      width: 4,
    }),
    card('sales', '销售额', {
      type: 'number',
      measures: [amount],
      compare: 'previous_period',
      period: 'last_30_days',
      bind: { period: 'ordered_on', warehouse: 'warehouse' },
      width: 4,
    }),
    card('months', '每月销售额', {
      type: 'line',
      measures: [amount],
      group: [{ field: 'ordered_on', by: 'month' }],
      bind: { period: 'ordered_on', warehouse: 'warehouse' },
      width: 8,
      height: 2,
    }),
    card('channels', '渠道占比', {
      type: 'pie',
      measures: [amount],
      group: [{ field: 'channel' }],
      bind: { period: 'ordered_on', warehouse: 'warehouse' },
      width: 4,
      height: 2,
    }),
    card('places', '仓库与渠道', {
      type: 'stacked',
      measures: [amount],
      group: [{ field: 'warehouse' }, { field: 'channel' }],
      bind: { period: 'ordered_on' },
      width: 6,
      height: 2,
    }),
    card('pivot', '仓库 × 状态', {
      type: 'pivot',
      measures: [amount],
      group: [{ field: 'warehouse' }, { field: 'state' }],
      bind: { period: 'ordered_on', warehouse: 'warehouse' },
      width: 6,
      height: 2,
    }),
    card('open', '待审核明细', {
      type: 'list',
      filter: "state == 'submitted'",
      columns: [{ field: 'code' }, { field: 'customer' }, { field: 'state' }, { field: 'total' }],
      limit: 5,
      bind: { warehouse: 'warehouse' },
      width: 12,
      height: 2,
    }),
  ],
}

// What a page shows, once it does.
const poll = <T>(f: () => T | Promise<T>) => expect.poll(f, { timeout: 15_000 })

let on: Tenon
let cookie: string
beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  await on.api('PUT', '/apps/general/documents/view/overview', view)
  await on.api('POST', '/apps/general/releases', { reason: '经营总览' })
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test('a dashboard changes while somebody else works, and leads to the records behind a number', async () => {
  const { page, check, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/overview`)
  const waiting = page.getByRole('region', { name: '待审核订单', exact: true })
  await waiting.locator('.dash-big').waitFor()
  await page.locator('.dash-chart canvas').nth(2).waitFor()
  await waiting.getByText('需要处理').waitFor()
  for (const canvas of await page.locator('.dash-chart canvas').all()) await canvas.hover()
  await check('dashboard, a tip is shown')
  await picture(page, 'dashboard')
  const before = Number(await waiting.locator('.dash-big').textContent())

  const other = await open(on, { as: cookie })
  await other.page.goto(`${on.url}/a/general/v/sales_order_board?lanes=off`)
  await other.page.getByRole('region', { name: '草稿', exact: true }).locator('.board-open').first().focus()
  await other.page.keyboard.press('Space')
  await other.page.keyboard.press('ArrowRight')
  await other.page.keyboard.press('Space')
  await waiting
    .getByText(String(before + 1), { exact: true })
    .first()
    .waitFor()
  await waiting.getByText('刚刚更新').waitFor()
  await other.context.close()
  await check('dashboard, just changed')

  // Every chart can be read as a table, whose numbers lead to their records.
  const channels = page.getByRole('region', { name: '渠道占比', exact: true })
  await channels.getByRole('button', { name: /以表格显示/ }).click()
  await channels.getByRole('rowheader', { name: '网店' }).waitFor()
  await check('dashboard, chart as a table')
  await channels.getByRole('row', { name: /网店/ }).getByRole('link').click()
  await page.waitForURL(/\/v\/sales_order_table\?filter=/)
  expect(new URL(page.url()).searchParams.get('filter')).toContain("channel == 'online'")
  await page.goBack()
  await waiting.locator('.dash-big a').click()
  await page.waitForURL(/\/v\/sales_order_table\?filter=/)
  expect(new URL(page.url()).searchParams.get('filter')).toContain('submitted')
  await context.close()
})

test('filters apply to all cards, and stand in the address', async () => {
  const { page, check, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/overview?f_period=last_7_days`)
  const months = page.getByRole('region', { name: '每月销售额', exact: true })
  await months.waitFor()
  await page.getByRole('button', { name: /期间/ }).click()
  await page.getByRole('option', { name: '自定义…' }).click()
  await page.waitForURL(/f_period=\d{4}-\d\d-\d\d\.\./)
  await page.getByRole('group', { name: '开始日期' }).or(page.getByLabel('开始日期')).first().waitFor()
  await check('dashboard, days of one’s own')
  await page.goto(`${on.url}/a/general/v/overview`)
  const pivot = page.getByRole('region', { name: '仓库 × 状态', exact: true })
  await poll(() => pivot.locator('tbody tr').count()).toBeGreaterThan(1)
  await page.getByLabel('仓库', { exact: true }).fill('华南')
  await page.getByRole('option', { name: /华南分仓/ }).click()
  await page.waitForURL(/f_warehouse=/)
  await poll(() => pivot.locator('tbody tr').count()).toBe(1)
  await check('dashboard, one warehouse')
  await page.reload()
  await poll(() => pivot.locator('tbody tr').count()).toBe(1)
  await context.close()
})

test('what there was, came, went and is left, and the movements behind it', async () => {
  const { page, check, context } = await open(on, { as: cookie, viewport: { width: 1920, height: 1000 } })
  await page.goto(`${on.url}/a/general/v/stock_flow_dashboard?f_period=last_month`)
  const number = (name: string) => page.getByRole('region', { name, exact: true }).locator('.dash-big')
  const items = page.getByRole('region', { name: '按商品', exact: true })
  await items.locator('tfoot').waitFor()
  const heads = await items.locator('thead th.num').allTextContents()
  const totals = await items.locator('tfoot td').allTextContents()
  const total = (head: string): string => totals[heads.indexOf(head)]!
  expect(['期初金额', '收入金额', '发出金额', '期末金额'].map(total)).toEqual(
    await Promise.all(['期初', '收入', '发出', '期末'].map((name) => number(name).textContent())),
  )
  await check('opening, in, out and closing')
  const closed = total('期末金额')
  // The number of what came leads to the entries that brought it, and their total is the number.
  await number('收入').locator('a').click()
  await page.waitForURL(/\/v\/stock_entry_table\?filter=/)
  expect(new URL(page.url()).searchParams.get('filter')).toContain('quantity > 0.0')
  await page.getByText(total('收入金额'), { exact: true }).first().waitFor()

  // As of the last day of that month there is what was left at its end.
  const [year, month] = new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' }).split('-')
  const last = new Date(Date.UTC(Number(year), Number(month) - 1, 0)).toISOString().slice(0, 10)
  await page.goto(`${on.url}/a/general/v/stock_day_dashboard?f_day=${last}`)
  await poll(() => number('库存金额').textContent()).toBe(closed)
  await check('stock as of a day')
  await picture(page, 'stock-day')
  await context.close()
})

test('on a phone the cards stand under each other', async () => {
  const { page, check, context } = await open(on, { as: cookie, viewport: phone, colorScheme: 'dark' })
  await page.goto(`${on.url}/a/general/v/overview`)
  await page.getByRole('region', { name: '待审核订单', exact: true }).locator('.dash-big').waitFor()
  await page.locator('.dash-chart canvas').nth(2).waitFor()
  await check('dashboard on a phone')
  await picture(page, 'dashboard-phone')
  await context.close()
})
