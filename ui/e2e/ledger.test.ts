import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

let on: Tenon
let me: string
beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  me = await on.signIn(on.admin.email, on.admin.password)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const through = async (): Promise<string | null> =>
  (await on.api<{ closed_through: string | null }>('GET', '/apps/general/ledgers/stock')).closed_through

/** The last day of the month before this one, and of the one before that, of the company. */
function ends(): [string, string] {
  const [y, m] = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' })
    .format(new Date())
    .split('-')
    .map(Number)
  const end = (back: number): string => new Date(Date.UTC(y!, m! - back, 0)).toISOString().slice(0, 10)
  return [end(1), end(2)]
}

test('a ledger is closed through a month, opened again, and everything is proven', async () => {
  const [last, before] = ends()
  const { page, check } = await open(on, { as: me })
  await page.goto(`${on.url}/a/general`)
  await page.getByRole('link', { name: '账本与核对' }).click()
  await page.getByRole('heading', { name: '账本与核对' }).waitFor()
  const stock = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: '库存', exact: true }) })
  await stock.getByText('还没有结过账').waitFor()
  await page.getByText('没有正在计算的数').or(page.locator('.books-job').first()).first().waitFor()
  await page.locator('.books-bar').waitFor({ state: 'detached' })
  await check('ledgers')
  await picture(page, 'ledgers-open')

  const opener = page.getByRole('button', { name: '结账：库存', exact: true })
  await opener.focus()
  await page.keyboard.press('Enter')
  await page.getByText('以前的单据不能再审核入账、修改或作废').waitFor()
  await check('closing')
  await picture(page, 'ledgers-close')
  await page.getByRole('button', { name: /^结账到 / }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await through()).toBe(last)
  await stock.getByText(/^已结账到/).waitFor()

  await page.getByRole('button', { name: '反结账：库存' }).click()
  await page.getByText('以后又可以入账和改账').waitFor()
  await check('opening')
  await page.getByRole('button', { name: '反结账', exact: true }).click()
  await page.getByText(/「库存」现在结到/).waitFor()
  expect(await through()).toBe(before)

  await page.getByRole('button', { name: '结账：库存', exact: true }).click()
  await page.getByRole('button', { name: /结到哪里/ }).click()
  await page.getByRole('option', { name: '某一天' }).click()
  await page.getByRole('button', { name: '结账', exact: true }).click()
  await page.getByText('请填写日期').waitFor()
  await page.getByRole('textbox', { name: '日期' }).fill('2020-01-31')
  await page.keyboard.press('Tab')
  await page.getByText(/这样做会打开两者之间的账/).waitFor()
  expect(await page.getByRole('button', { name: /^结账到 / }).isDisabled()).toBe(true)
  await page.getByRole('textbox', { name: '日期' }).focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(last)
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: /^结账到 / }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await through()).toBe(last)

  await page.getByRole('button', { name: '现在核对' }).click()
  await page.getByText('全部相符').waitFor()
  await page.getByText(/核对了 \d+ 本账/).waitFor()
  const { ledgers } = await on.api<{ ledgers: unknown[] }>('GET', '/apps/general/ledgers')
  const proof = await on.api('GET', '/apps/general/verification')
  expect(proof).toMatchObject({ by: 'admin', result: { checked: { ledgers: ledgers.length }, differences: [] } })
  await check('proven')
  await picture(page, 'ledgers-proven')
  await stock.getByRole('link', { name: '库存流水', exact: true }).click()
  await page.getByRole('heading', { name: '库存流水' }).waitFor()
})

test('what differs is named in the words of the app, and leads to its record', async () => {
  const { records } = await on.api<{ records: { id: string; code: string }[] }>('GET', '/apps/general/item?page_size=1')
  const [item] = records
  const { page, check } = await open(on, { as: me, viewport: phone })
  const differences = [
    {
      what: 'rollup',
      name: 'item.on_hand',
      entity: 'item',
      record: item!.id,
      field: 'on_hand',
      stored: '7',
      recomputed: '12.5',
    },
    {
      what: 'ledger',
      name: 'stock',
      law: 'balance',
      entity: 'stock_balance',
      record: 'a|b',
      field: 'quantity',
      stored: '',
      recomputed: '3',
    },
  ]
  const checked = { ledgers: 1, rollups: 1200, formulas: 28017, aggregates: 0 }
  await page.route('**/apps/general/verification', (r) =>
    r.fulfill({
      json: {
        at: '2026-11-26T19:00:00Z',
        by: 'nightly',
        result: { checked, differences, truncated: false, took_ms: 2117 },
      },
    }),
  )
  await page.route('**/apps/general/jobs', (r) =>
    r.fulfill({
      json: {
        jobs: [
          {
            id: '1',
            kind: 'recompute',
            entity: 'sales_order',
            field: 'total',
            done: 4200,
            total: 20000,
            state: 'running',
            started_at: '2026-11-26T19:00:00Z',
            finished_at: null,
          },
        ],
      },
    }),
  )
  await page.goto(`${on.url}/a/general/ledgers`)
  await page.getByText('有 2 处不符').waitFor()
  await page.getByText(/夜间自动核对/).waitFor()
  await page.getByText('账本「库存」').waitFor()
  const bar = page.getByRole('progressbar', { name: /销售订单/ })
  expect(await bar.getAttribute('value')).toBe('4200')
  await check('differences on a phone')
  await bar.scrollIntoViewIfNeeded()
  await picture(page, 'ledgers-differ-phone')
  await page.getByRole('link', { name: '打开记录' }).click()
  await page.waitForURL(`**/r/item/${item!.id}`)
})

test('who keeps the stock sees how a ledger stands, and can neither close nor prove it', async () => {
  const li = { name: '李明', email: 'li@example.com', password: 'first-of-many-11' }
  const { id } = await on.api<{ id: string }>('POST', '/users', li)
  await on.api('PUT', `/apps/general/roles/keeper/users/${id}`)
  const password = 'keeps-the-stock-8'
  const first = await on.signIn(li.email, li.password)
  await on.api('PATCH', '/me', { current_password: li.password, password }, first)
  const { page, check } = await open(on, { as: await on.signIn(li.email, password) })
  await page.goto(`${on.url}/a/general/ledgers`)
  await page.getByRole('heading', { name: '库存', exact: true }).waitFor()
  const stock = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: '库存', exact: true }) })
  await stock.getByText(/^已结账到/).waitFor()
  await check('ledgers of a keeper')
  await picture(page, 'ledgers-keeper')
  expect(await page.getByRole('button', { name: /结账|核对/ }).count()).toBe(0)
})

interface PostingDoc {
  document?: { 'x-postings': { when: string }[] }
  'x-postings'?: { when: string }[]
}

test('what a release has left as it was posted is told, and posted again', async () => {
  const key = '/apps/general/documents/entity/sales_order'
  const got = await on.api<PostingDoc>('GET', key)
  const doc = (got.document ?? got) as Required<Pick<PostingDoc, 'x-postings'>>
  doc['x-postings'][0]!.when += " && parent.channel != 'phone'"
  await on.api('PUT', key, doc)
  const { postings } = await on.api<{ postings: { change: string; posting: string; differ: number }[] }>(
    'GET',
    '/apps/general/plan',
  )
  expect(postings).toMatchObject([{ change: 'changed', posting: 'reserve' }])
  expect(postings[0]!.differ).toBeGreaterThan(0)
  await on.api('POST', '/apps/general/releases', { reason: 'orders by phone reserve nothing' })

  const { page, check } = await open(on, { as: me, viewport: phone })
  await page.goto(`${on.url}/a/general/ledgers`)
  await page.getByRole('button', { name: '现在核对' }).click()
  await page.getByText('全部相符').waitFor()
  await page.getByText('未按现在的规则过账').waitFor()
  await page.getByText(/销售订单 → 库存：\d+ 张/).waitFor()
  await check('posted by an earlier rule')
  await picture(page, 'ledgers-earlier')
  await page.getByRole('button', { name: '重新过账', exact: true }).click()
  await page.getByRole('dialog').getByText('已结账期间不变').waitFor()
  await check('posting again')
  await page.getByRole('dialog').getByRole('button', { name: '重新过账', exact: true }).click()
  await page.getByText('已开始在后台重新过账').waitFor()
  await page.getByText('新版本补过账').first().waitFor()
  await page.locator('.books-bar').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '现在核对' }).click()
  await page.getByText('未按现在的规则过账').waitFor({ state: 'detached' })
  await page.getByText('全部相符').waitFor()
})
