import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'
import { workbook } from './xlsx.ts'

interface Doc {
  id: string
  code: string
  state: string
  supplier_no: string | null
  lines: { item: string; qty: string; price: string }[]
}
interface Item {
  id: string
  code: string
  name: string
}

let on: Tenon
let cookie: string
let items: Item[]
let supplier: { code: string; name: string }
let warehouse: { name: string }
const folder = mkdtempSync(join(tmpdir(), 'tenon-imports-'))

const records = async <T>(entity: string, filter: string, order = 'code'): Promise<T[]> =>
  (
    await on.api<{ records: T[] }>(
      'GET',
      `/apps/general/${entity}?page_size=20&order_by=${order}&filter=${encodeURIComponent(filter)}`,
    )
  ).records

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  items = (
    await records<Item>('item', 'active && !batch_required && !stock_by_batch && !coalesce(catch_weight, false)')
  ).slice(0, 3)
  supplier = (
    await records<typeof supplier>('partner', 'active && is_supplier && coalesce(currency.is_base, true)')
  )[0]!
  warehouse = (await records<typeof warehouse>('warehouse', 'active'))[0]!
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
  rmSync(folder, { recursive: true, force: true })
})

const heads = ['单号', '供应商', '仓库', '入库日期', '送货单号', '商品编码', '商品名称', '数量', '件数', '单价']

/** receipts is a file of two receipts, told apart by their number or by the cells that only the first row of each has. */
function receipts(mark: string, mistake: boolean): (string | number)[][] {
  const [a, b, c] = items as [Item, Item, Item]
  const today = new Date().toISOString().slice(0, 10)
  return [
    heads,
    ['R1', supplier.name, warehouse.name, today, `${mark}-1`, a.code, a.name, 3, '', 12.5],
    ['R1', '', '', '', '', b.code, b.name, 2, '', 8],
    ['R2', supplier.name, warehouse.name, today, `${mark}-2`, mistake ? 'NOBODY' : b.code, b.name, 5, '', 8],
    ['', '', '', '', '', c.code, c.name, mistake ? -1 : 1, '', 20],
    ['', '', '', '', '', a.code, a.name, 4, '', 12],
  ]
}

test('receipts with their lines come from an Excel file, are corrected on the way, and post when they are approved', async () => {
  const file = join(folder, '入库.xlsx')
  writeFileSync(file, workbook(receipts('DN', true)))
  const { page, context, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/v/goods_receipt_table`)
  await page.getByRole('button', { name: '更多操作' }).click()
  await page.getByRole('menuitem', { name: '导入…' }).click()

  // The template has the columns of lines, and comes back as it is meant.
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: '下载模板（含明细）' }).click()
  const template = await (await coming).path()
  expect(readFileSync(template).subarray(0, 2).toString()).toBe('PK')
  await check('the file step')
  await picture(page, 'imports-file')
  await page.locator('input[type=file]').setInputFiles({
    name: '模板.xlsx',
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: readFileSync(template),
  })
  await page.getByRole('combobox', { name: '导入到: 商品', exact: true }).waitFor()
  expect(await page.getByRole('combobox', { name: '导入到: 商品', exact: true }).inputValue()).toBe('明细 · 商品')
  expect(await page.getByRole('combobox', { name: '导入到: 明细·备注' }).inputValue()).toBe('明细 · 备注')
  await page.getByRole('button', { name: '上一步' }).click()

  // Columns: those of lines are told apart, and so is what makes rows one receipt.
  await page.locator('input[type=file]').setInputFiles(file)
  const to = (header: string) => page.getByRole('combobox', { name: `导入到: ${header}`, exact: true })
  await to('供应商').waitFor()
  expect(await to('单号').inputValue()).toBe('不导入')
  expect(await to('商品编码').inputValue()).toBe('明细 · 商品')
  expect(await to('数量').inputValue()).toBe('明细 · 数量')
  expect(await to('件数').inputValue()).toBe('明细 · 件数')
  await page.getByRole('button', { name: /「单号」相同的行/ }).waitFor()
  await check('columns of lines')
  await picture(page, 'imports-columns')
  await to('商品名称').click()
  await page.getByRole('option', { name: '明细 · 备注' }).waitFor()
  await check('choosing among the fields of lines')
  await picture(page, 'imports-choosing')
  await page.keyboard.press('Escape')

  // Check: the good one as it will be, the bad one with all of its rows.
  await page.getByRole('button', { name: '检查数据' }).click()
  const shown = page.getByRole('region', { name: '将要导入的前几条' })
  await shown.getByText('第 2–3 行').waitFor()
  await shown.getByText(items[0]!.name).waitFor()
  await page.getByRole('textbox', { name: '商品编码, 行 4' }).waitFor()
  await check('check of lines')
  await picture(page, 'imports-check')
  await page.getByRole('textbox', { name: '商品编码, 行 4' }).fill(items[1]!.code)
  await page.getByRole('button', { name: /重新检查/ }).click()
  await page.getByRole('textbox', { name: '数量, 行 5' }).fill('1')
  await page.getByRole('button', { name: /重新检查/ }).click()
  await shown.getByText('第 4–6 行').waitFor()
  await check('checked again')
  await picture(page, 'imports-checked')
  await page.getByRole('button', { name: '开始导入' }).click()
  await page.getByText('写入 2 条').waitFor()
  await page.getByRole('button', { name: '查看记录' }).click()

  const made = await records<Doc>('goods_receipt', "supplier_no in ['DN-1', 'DN-2']")
  const docs = await Promise.all(made.map((d) => on.api<Doc>('GET', `/apps/general/goods_receipt/${d.id}`)))
  const lines = (d: Doc) =>
    d.lines.map((l) => [items.find((i) => i.id === l.item)?.code, Number(l.qty), Number(l.price)])
  const [a, b, c] = items.map((i) => i.code)
  expect(docs.map((d) => [d.supplier_no, d.state, lines(d)])).toEqual([
    [
      'DN-1',
      'draft',
      [
        [a, 3, 12.5],
        [b, 2, 8],
      ],
    ],
    [
      'DN-2',
      'draft',
      [
        [b, 5, 8],
        [c, 1, 20],
        [a, 4, 12],
      ],
    ],
  ])

  // Approved, it posts like one that was typed.
  await page.goto(`${on.url}/a/general/r/goods_receipt/${docs[1]!.id}`)
  await page.getByRole('button', { name: '审核', exact: true }).click()
  await page.locator('.record-head .tag', { hasText: '已审核' }).waitFor()
  const posted = await records<{ id: string }>('stock_entry', `document == '${docs[1]!.id}'`, 'id')
  expect(posted).toHaveLength(3)
  await context.close()
})

test('a phone in English shows the same: columns of lines, what makes rows one record, documents with their lines', async () => {
  const file = join(folder, 'receipts.xlsx')
  writeFileSync(file, workbook(receipts('PH', false)))
  await on.api('PATCH', '/me', { locale: 'en-US' })
  const { page, context, check } = await open(on, { as: cookie, viewport: phone, colorScheme: 'dark' })
  await page.goto(`${on.url}/a/general/v/goods_receipt_table`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: /^Import/ }).click()
  await check('the file step on a phone')
  await page.locator('input[type=file]').setInputFiles(file)
  await page.locator('.imp-target').first().waitFor()
  await check('columns on a phone')
  await picture(page, 'imports-phone-columns')
  await page.getByRole('button', { name: 'Check the data' }).click()
  await page.locator('.imp-record').nth(1).waitFor()
  await check('check on a phone')
  await picture(page, 'imports-phone-check')
  await page.locator('.imp-record').nth(1).scrollIntoViewIfNeeded()
  await picture(page, 'imports-phone-lines')
  await on.api('PATCH', '/me', { locale: 'zh-CN' })
  await context.close()
})
