import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, costOf, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'
import { workbook } from './xlsx.ts'

interface Item {
  id: string
  version: number
  code: string
  brand: string | null
  sale_price: string
}

const many = 20_000
const mostNodes = 500
const mostDrawn = 8 // rows for a step of 120 px: those that come into sight, and again once their records have come
let on: Tenon
let cookie: string
const folder = mkdtempSync(join(tmpdir(), 'tenon-table-'))

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, false)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  await on.api('POST', '/apps/general/unit', { name: '箱' })
  await on.api('POST', '/apps/general/item_category', { code: 'K1', name: '日用百货' })
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
  rmSync(folder, { recursive: true, force: true })
})

const heads = ['商品编码', '商品名称', '商品分类', '基本单位', '标准售价']
const sheet = (rows: string[][]): string => [heads, ...rows].map((r) => r.join(',')).join('\n')

/** importItems brings items in over the API. */
async function importItems(rows: string[][]): Promise<void> {
  const form = new FormData()
  form.append('file', new Blob([sheet(rows)], { type: 'text/csv' }), 'items.csv')
  const res = await fetch(`${on.url}/api/v1/apps/general/item:import?wait=0`, {
    method: 'POST',
    headers: { origin: on.url, cookie },
    body: form,
  })
  const started = (await res.json()) as { import: string; state: string }
  if (!res.ok) throw new Error(JSON.stringify(started))
  for (let i = 0; i < 600; i++) {
    const now = await on.api<{ state: string; errors: unknown[] }>(
      'GET',
      `/apps/general/item/imports/${started.import}`,
    )
    if (now.state === 'done') return
    if (now.state !== 'running') throw new Error(JSON.stringify(now).slice(0, 500))
    await new Promise((r) => setTimeout(r, 100))
  }
  throw new Error('the import does not end')
}

const itemNamed = async (code: string): Promise<Item> =>
  (
    await on.api<{ records: Item[] }>(
      'GET',
      `/apps/general/item?fields=code,brand,sale_price&filter=${encodeURIComponent(`code == "${code}"`)}`,
    )
  ).records[0]!

const table = (search = '') => `${on.url}/a/general/v/item_table${search}`
const row = (page: Page, text: string): Locator => page.getByRole('row').filter({ hasText: text })
/** at is the cell of a row under a heading. */
async function at(page: Page, code: string, heading: string): Promise<Locator> {
  const head = page.getByRole('columnheader', { name: heading, exact: true })
  return row(page, code).locator(`[aria-colindex="${await head.getAttribute('aria-colindex')}"]`)
}

test('20,000 items scroll with few elements in the page, by wheel and by keyboard to the very last', async () => {
  await importItems(
    Array.from({ length: many }, (_, i) => {
      const code = `N${String(i + 1).padStart(5, '0')}`
      return [code, `货品${i + 1}`, '日用百货', '箱', `${(i % 90) + 10}.50`]
    }),
  )
  const { page, context, check } = await open(on, { as: cookie })
  await page.goto(table())
  await row(page, 'N00001').waitFor()
  await page.getByRole('gridcell', { name: '20,000' }).waitFor()
  await check('table of 20,000')
  await picture(page, 'table-20000')
  const nodes = () => page.evaluate(() => document.querySelectorAll('.tv *').length)
  expect(await nodes()).toBeLessThanOrEqual(mostNodes)
  await page.evaluate(() => {
    const count = { rows: 0 }
    Object.assign(globalThis, { count })
    new MutationObserver((list) => {
      for (const m of list) for (const n of m.addedNodes) if ((n as Element).matches?.('.tv-row')) count.rows++
    }).observe(document.querySelector('.tv-body')!, { childList: true })
  })
  const steps = 60
  const cost = await costOf(page, context)
  await page.mouse.move(700, 400)
  for (let i = 0; i < steps; i++) {
    await page.mouse.wheel(0, 120)
    await page.evaluate(() => new Promise((r) => requestAnimationFrame(r)))
  }
  console.log(`a scroll step: ${await cost(steps)}`)
  const drawn = await page.evaluate(() => (globalThis as unknown as { count: { rows: number } }).count.rows)
  expect(drawn / steps).toBeLessThanOrEqual(mostDrawn)
  expect(await nodes()).toBeLessThanOrEqual(mostNodes)
  await row(page, 'N00210').waitFor()
  await (await at(page, 'N00210', '品牌')).click()
  await page.keyboard.press('Control+ArrowDown')
  await row(page, 'N20000').waitFor()
  await page.waitForFunction(() => document.activeElement?.closest('[role=row]')?.textContent?.includes('N20000'))
  expect(await nodes()).toBeLessThanOrEqual(mostNodes)
  await page.keyboard.press('Control+Home')
  await row(page, 'N00001').waitFor()
  await page.getByRole('searchbox').fill('货品19999')
  await row(page, 'N19999').waitFor()
  await page.getByRole('gridcell', { name: '1', exact: true }).first().waitFor()
  expect(page.url()).toContain('search=')
  await page.reload()
  await row(page, 'N19999').waitFor()
  await check('searched')
  await context.close()
})

test('from anywhere to anywhere in 20,000 with a handful of requests, and what is typed there is saved', async () => {
  const { page, context, check } = await open(on, { as: cookie })
  let asked = 0
  page.on('request', (r) => {
    if (r.method() === 'GET' && new URL(r.url()).pathname.endsWith('/apps/general/item')) asked++
  })
  const mostAsked = 3 // pages for a jump: what is seen there, what is near, and what was under way
  const jump = async (how: () => Promise<unknown>, code: string): Promise<void> => {
    asked = 0
    await how()
    await row(page, code).waitFor()
    expect(asked, `requests to ${code}`).toBeLessThanOrEqual(mostAsked)
  }
  await page.goto(table())
  await page.getByRole('gridcell', { name: '20,000' }).waitFor()
  await (await at(page, 'N00002', '品牌')).click()
  await jump(() => page.keyboard.press('Control+End'), 'N20000')
  await page.waitForFunction(() => document.activeElement?.closest('[role=row]')?.textContent?.includes('N20000'))
  const scroll = (part: number) =>
    page.locator('.tv-grid').evaluate((el, p) => {
      el.scrollTo(0, (el.scrollHeight - el.clientHeight) * p)
    }, part)
  // What has not come yet is shown as such, with its numbers.
  let release = () => {}
  const held = new Promise<void>((done) => {
    release = done
  })
  await page.route(/apps\/general\/item\?/, async (route) => {
    await held
    await route.continue()
  })
  await jump(async () => {
    await scroll(0.5)
    await page.locator('.tv-row:not(:has([data-open])) .tv-bone').first().waitFor()
    await page.getByRole('gridcell', { name: /^第 10,001 行/ }).waitFor()
    await check('rows that are still to come')
    await picture(page, 'table-coming')
    release()
  }, 'N10001')
  await page.unroute(/apps\/general\/item\?/)
  await jump(() => scroll(0.25), 'N05001')
  await jump(() => scroll(1), 'N20000')
  await (await at(page, 'N19998', '品牌')).click()
  await page.keyboard.type('Tail')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await itemNamed('N19998')).brand).toBe('Tail')
  await page.waitForFunction(() => document.activeElement?.closest('[role=row]')?.textContent?.includes('N19999'))
  expect(await (await at(page, 'N19998', '品牌')).textContent()).toBe('Tail')
  await jump(() => page.keyboard.press('Control+Home'), 'N00001')
  // Upwards from the end, by wheel: the rows come without a gap.
  await jump(() => page.keyboard.press('Control+End'), 'N20000')
  await page.mouse.move(700, 400)
  for (let i = 0; i < 30; i++) {
    await page.mouse.wheel(0, -360)
    await page.evaluate(() => new Promise((r) => requestAnimationFrame(r)))
  }
  await row(page, 'N19700').waitFor()
  const codes = await page.locator('.tv-row [data-open]').allTextContents()
  expect(codes.filter((c) => c > 'N19699' && c < 'N19705')).toEqual(['N19700', 'N19701', 'N19702', 'N19703', 'N19704'])
  await check('far down')
  await context.close()
})

test('rows are ticked and cleared across what has not been read', async () => {
  const { page, context } = await open(on, { as: cookie })
  await page.goto(table(`?filter=${encodeURIComponent('code <= "N01000"')}`))
  await page.getByRole('gridcell', { name: '1,000' }).waitFor()
  await (await at(page, 'N00001', '品牌')).click()
  await page.keyboard.press('Control+End')
  await row(page, 'N01000').waitFor()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press(' ')
  await page.keyboard.press('Control+End')
  await row(page, 'N01000').waitFor()
  await page.getByText('已选 1 项').waitFor()
  await page.getByRole('gridcell', { name: /^第 1,000 行/ }).click({ modifiers: ['Shift'] })
  await page.getByText('已选 1000 项').waitFor()
  await context.close()
})

test('a cell is edited in its place, refused, corrected; a range is copied, pasted, undone', async () => {
  const { page, context, check, expected } = await open(on, { as: cookie })
  expected.push(/422/)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(table())
  const was = (await itemNamed('N00002')).sale_price
  const price = await at(page, 'N00002', '标准售价').then(async (c) => {
    await c.waitFor()
    return c
  })
  await price.click()
  await page.keyboard.press('Enter')
  await page.locator('.tv-editor input').waitFor()
  await page.keyboard.type('-3')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: '不能小于 0' }).waitFor()
  await check('refused')
  await picture(page, 'table-refused')
  expect((await itemNamed('N00002')).sale_price).toBe(was)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('12.75')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await itemNamed('N00002')).sale_price).toBe('12.750000')
  await expect.poll(() => price.textContent()).toBe('¥12.75')
  // The focus has gone down to the next row.
  await page.waitForFunction(() => document.activeElement?.closest('[role=row]')?.textContent?.includes('N00003'))
  // What is typed over a cell takes the place of what is in it.
  await price.click()
  await page.keyboard.type('12.75')
  await page.keyboard.press('Escape')
  await price.click()
  await page.keyboard.type('13')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await itemNamed('N00002')).sale_price).toBe('13.000000')
  const brand = await at(page, 'N00002', '品牌')
  await brand.click()
  await page.evaluate(() => navigator.clipboard.writeText('甲牌\r\n乙牌\r\n丙牌\r\n'))
  await page.keyboard.press('Control+v')
  await page.getByText('已粘贴 3 个单元格').waitFor()
  await expect.poll(async () => (await itemNamed('N00004')).brand).toBe('丙牌')
  await brand.click()
  await page.keyboard.press('Space')
  await page.getByRole('dialog', { name: /货品2/ }).waitFor()
  await check('beside the table')
  await picture(page, 'table-peek')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-row') === '1')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Control+c')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('甲牌\r\n乙牌')
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText('已撤销').waitFor()
  expect((await itemNamed('N00004')).brand).toBeNull()
  await check('pasted and undone')
  // A paste of which one cell is refused changes nothing, and says where.
  await price.click()
  await page.evaluate(() => navigator.clipboard.writeText('20\n-1\n'))
  await page.keyboard.press('Control+v')
  await page.getByText('什么都没有改动').first().waitFor()
  const wrong = await at(page, 'N00003', '标准售价')
  expect(await wrong.getAttribute('aria-invalid')).toBe('true')
  expect((await itemNamed('N00002')).sale_price).toBe('13.000000')
  await context.close()
})

test('several are deleted at once, and come back by undo or from the recycle bin', async () => {
  const { page, context, check } = await open(on, { as: cookie })
  await page.goto(table('?search=货品1999'))
  for (const code of ['N19991', 'N19992', 'N19993']) await row(page, code).getByRole('gridcell').first().click()
  await page.getByText('已选 3 项').first().waitFor()
  await check('chosen')
  await picture(page, 'table-bulk')
  await page.getByRole('button', { name: '删除', exact: true }).click()
  await page.getByText('已删除 3 条').waitFor()
  await row(page, 'N19991').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '撤销' }).click()
  await row(page, 'N19991').waitFor()
  expect((await itemNamed('N19991')).code).toBe('N19991')
  await row(page, 'N19994').getByRole('gridcell').first().click()
  await page.getByRole('button', { name: '删除', exact: true }).click()
  await page.getByText('已删除 1 条').waitFor()
  await page.getByRole('button', { name: '更多操作' }).click()
  await page.getByRole('menuitem', { name: '回收站' }).click()
  await row(page, 'N19994').getByRole('gridcell').first().click()
  await check('recycle bin')
  await page.getByRole('button', { name: '恢复', exact: true }).click()
  await page.getByText('已恢复 1 条').waitFor()
  await page.getByRole('button', { name: '返回列表' }).click()
  await row(page, 'N19994').waitFor()
  await context.close()
})

test('an Excel file with mistakes is corrected while it is imported', async () => {
  const file = join(folder, '新货.xlsx')
  writeFileSync(
    file,
    workbook([
      heads,
      ['M001', '新货一', '日用百货', '箱', 5.5],
      ['M002', '新货二', '没有这类', '箱', 6.5],
      ['M003', '新货三', '日用百货', '箱', -7],
    ]),
  )
  const { page, context, check } = await open(on, { as: cookie })
  await page.goto(table('?search=新货'))
  await page.getByText('没有符合条件的记录').waitFor()
  await check('nothing matches')
  await page.getByRole('button', { name: '更多操作' }).click()
  await page.getByRole('menuitem', { name: '导入…' }).click()
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByRole('button', { name: '检查数据' }).click()
  await page.getByRole('textbox', { name: /^商品分类/ }).waitFor()
  await check('import with mistakes')
  await picture(page, 'table-import')
  await page.getByRole('textbox', { name: /^商品分类/ }).fill('日用百货')
  await page.getByRole('textbox', { name: /^标准售价/ }).fill('7')
  await page.getByRole('button', { name: /重新检查/ }).click()
  await page.getByRole('button', { name: '开始导入' }).click()
  await page.getByRole('button', { name: '查看记录' }).click()
  await row(page, 'M003').waitFor()
  expect((await itemNamed('M003')).sale_price).toBe('7.000000')
  await context.close()
})

test('two browsers see what the other saves, in place and marked; new records are offered', async () => {
  const one = await open(on, { as: cookie })
  const two = await open(on, { as: cookie })
  for (const { page } of [one, two]) {
    await page.goto(table('?search=货品1000'))
    await row(page, 'N10001').waitFor()
  }
  const brand = await at(one.page, 'N10001', '品牌')
  await brand.click()
  await one.page.keyboard.press('Enter')
  await one.page.keyboard.type('同看')
  await one.page.keyboard.press('Enter')
  const other = await at(two.page, 'N10001', '品牌')
  await two.page.locator('.tv-changed', { hasText: '同看' }).waitFor()
  expect(await other.textContent()).toBe('同看')
  await two.check('changed by somebody else')
  const { unit, category } = await on
    .api<{ records: { unit: string; category: string }[] }>('GET', '/apps/general/item?page_size=1')
    .then((r) => r.records[0]!)
  await on.api('POST', '/apps/general/item', { code: 'Z1', name: '货品1000号', unit, category })
  await two.page.getByText('有 1 条新记录').waitFor()
  await two.page.getByRole('button', { name: '显示', exact: true }).click()
  await row(two.page, 'Z1').waitFor()
  await one.context.close()
  await two.context.close()
})

test('filters, groups, columns and saved views are in the address and come back with it', async () => {
  const { page, context, check } = await open(on, { as: cookie })
  await page.goto(table(`?filter=${encodeURIComponent('sale_price > 99.0')}&group=category`))
  await page.getByRole('row', { name: /日用百货.*222 条/ }).waitFor()
  await check('grouped and filtered')
  await picture(page, 'table-grouped')
  await page.getByRole('button', { name: '列', exact: true }).click()
  await page.getByRole('checkbox', { name: '显示条码' }).click({ force: true })
  await check('columns')
  await page.getByRole('button', { name: '完成' }).click()
  await page.getByRole('columnheader', { name: '条码' }).waitFor({ state: 'detached' })
  await page.getByRole('columnheader', { name: '标准售价' }).click()
  await page.waitForURL(/sort=sale_price/)
  await page.getByRole('button', { name: /^全部/ }).click()
  await page.getByRole('menuitem', { name: '保存为视图…' }).click()
  await page.getByLabel('视图名称').fill('高价货')
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await page.getByText('视图已保存').waitFor()
  await page.goto(table())
  await page.getByRole('button', { name: /^全部/ }).click()
  await page.getByRole('menuitem', { name: '高价货' }).click()
  await page.getByRole('row', { name: /日用百货.*222 条/ }).waitFor()
  expect(await page.getByRole('columnheader', { name: '条码' }).count()).toBe(0)
  const id = new URL(page.url()).searchParams.get('saved')
  await page.getByRole('button', { name: '清除筛选' }).click()
  await page.getByRole('row', { name: /日用百货.*20,00\d 条/ }).waitFor()
  await check('saved view left')
  // A link that names the saved view alone shows what was saved; what is changed then says so, and goes back.
  await page.goto(table(`?saved=${id}`))
  await page.getByRole('row', { name: /日用百货.*222 条/ }).waitFor()
  await page.getByRole('columnheader', { name: '标准售价' }).click()
  await page.getByRole('button', { name: /高价货.*已修改/ }).click()
  await check('saved view changed')
  await page.getByRole('menuitem', { name: '恢复为保存时的样子' }).click()
  await page.getByText('已修改').waitFor({ state: 'detached' })
  await context.close()
})

test('values that are being worked out are marked, in the table and on the record', async () => {
  const { page, context, check } = await open(on, { as: cookie })
  const item = await itemNamed('N00001')
  await page.route(/\/apps\/general\/item(\?|\/)/, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), computing: ['on_hand'] } })
  })
  await page.goto(table())
  await page.getByText('正在后台计算：库存数量').waitFor()
  await check('being worked out')
  await page.goto(`${on.url}/a/general/r/item/${item.id}`)
  await page.getByText('正在后台计算：库存数量').waitFor()
  await page.unrouteAll({ behavior: 'ignoreErrors' }) // an answer may be on its way
  await context.close()
})

test('on a phone the records are cards', async () => {
  const { page, context, check } = await open(on, { as: cookie, viewport: phone })
  await page.goto(table('?search=货品2'))
  await page.getByRole('link', { name: /货品2/ }).first().waitFor()
  await check('cards')
  await picture(page, 'table-cards')
  const before = await page.getByRole('link', { name: /货品2/ }).count()
  await page.getByRole('button', { name: '显示更多' }).click()
  await expect.poll(() => page.getByRole('link', { name: /货品2/ }).count()).toBeGreaterThan(before)
  await page.locator('.tv-cardsort button').click()
  await page.getByRole('menuitem', { name: '编码' }).click()
  await page.waitForURL(/sort=-?code/)
  for (const i of [0, 1]) await page.locator('.tv-cardtick').nth(i).click()
  await page.getByRole('button', { name: '批量修改' }).waitFor()
  await check('cards that are chosen')
  await picture(page, 'table-cards-chosen')
  for (const i of [0, 1]) await page.locator('.tv-cardtick').nth(i).click()
  await page.getByRole('button', { name: '筛选' }).click()
  await page.getByRole('dialog').waitFor()
  await check('filter sheet')
  await context.close()
})
