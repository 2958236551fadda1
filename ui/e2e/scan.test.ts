import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, desktop, open, phone, picture, setUp, startTenon, type Tenon, theBrowser } from './lib.ts'

interface Rec {
  id: string
  lines?: Record<string, string>[]
}

const bottle = '6901234567892'
const crate = '16901234567899'

// How these codes are drawn: widths of bars and of what is between them.
const drawings = {
  bottle: '11131121123122222121411113211111123111141312121331122122111',
  crate: '11113113131131113113331131131111333131131113311333111113111133311133113311311',
}
const [across, down] = [640, 480]

/** frame is a picture of a code as a camera gives it, grey. */
function frame(widths: string, module: number): Buffer {
  const picture = Buffer.alloc(across * down, 190)
  let x = Math.round((across - module * [...widths].reduce((sum, w) => sum + Number(w), 0)) / 2)
  for (const [i, w] of [...widths].entries()) {
    const wide = Number(w) * module
    if (i % 2 === 0) for (let y = 150; y < 330; y++) picture.fill(45, y * across + x, y * across + x + wide)
    x += wide
  }
  return Buffer.concat([Buffer.from('FRAME\n'), picture, Buffer.alloc((across * down) / 2, 128)])
}

const folder = mkdtempSync(join(tmpdir(), 'tenon-scan-'))

/** film is what the camera sees: a bottle for a while, then a crate, and again. */
function film(): string {
  const path = join(folder, 'film.y4m')
  const head = Buffer.from(`YUV4MPEG2 W${across} H${down} F5:1 Ip A1:1 C420jpeg\n`)
  const frames = [...Array(8).fill(frame(drawings.bottle, 4)), ...Array(8).fill(frame(drawings.crate, 3))]
  writeFileSync(path, Buffer.concat([head, ...frames]))
  return path
}

let on: Tenon
let cookie: string
const make = (entity: string, body: Record<string, unknown>) => on.api<Rec>('POST', `/apps/general/${entity}`, body)

beforeAll(async () => {
  await theBrowser('--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film()}`)
  on = await startTenon()
  await setUp(on, false)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  const unit = (await make('unit', { name: '听' })).id
  const box = (await make('unit', { name: '箱子' })).id
  const category = (await make('item_category', { code: 'D9', name: '饮料' })).id
  await make('item', {
    code: 'W900',
    name: '矿泉水',
    category,
    unit,
    tax_rate: '0.13',
    purchase_price: '2',
    sale_price: '3',
    barcode: bottle,
    units: [{ unit: box, factor: '24', barcode: crate }],
  })
  await make('partner', { code: 'S900', name: '清源饮品', is_supplier: true, region: 'east' })
  await make('warehouse', { code: 'H900', name: '中央仓', region: 'east' })
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
  rmSync(folder, { recursive: true })
})

// A scanner types a code at once, and Enter.
async function scan(page: Page, code: string): Promise<void> {
  await page.getByRole('textbox', { name: '扫码或输入条码，添加商品' }).focus()
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
}

test('the code of a case adds the item by the case; scanned again, it counts cases', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  for (const [label, text] of [
    [/^供应商/, '清源饮品'],
    [/^收货仓库/, '中央仓'],
  ] as const) {
    await page.getByRole('combobox', { name: label }).click()
    await page.getByRole('option', { name: text }).click()
  }
  await scan(page, crate)
  await page.getByRole('status').filter({ hasText: '矿泉水：1 箱子' }).waitFor()
  await scan(page, crate)
  await page.getByRole('status').filter({ hasText: '矿泉水：2 箱子' }).waitFor()
  // Nothing has the focus: what is scanned is heard all the same.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.keyboard.type(bottle)
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: '矿泉水：1 听' }).waitFor()
  await scan(page, '4000000000000')
  await page.getByRole('status').filter({ hasText: '没有找到 4000000000000' }).waitFor()
  await page.getByRole('button', { name: /^单位 1: 箱子/ }).waitFor()
  await picture(page, 'scan')
  await check('scanned')

  // In a line's own field a code is scanned, too.
  await page.getByRole('button', { name: '添加一行' }).click()
  await page.getByRole('combobox', { name: '商品 3', exact: true }).waitFor()
  await page.keyboard.type(crate)
  await page.keyboard.press('Enter')
  const unit = page.getByRole('combobox', { name: '单位 3', exact: true })
  await expect.poll(() => unit.inputValue(), { timeout: 15_000 }).toBe('箱子')
  await page.getByRole('button', { name: '删除这一行 3' }).click()

  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/r\/purchase_order\//)
  const { records } = await on.api<{ records: Rec[] }>('GET', '/apps/general/purchase_order')
  const lines = (await on.api<Rec>('GET', `/apps/general/purchase_order/${records[0]!.id}`)).lines!
  expect(lines.map((l) => [l.qty, l.factor, l.base_qty, l.price])).toEqual([
    ['2.0000', '24.000000', '48.0000', '48.000000'],
    ['1.0000', '1.000000', '1.0000', '2.000000'],
  ])
})

test('where lines have no unit a case is found and not counted', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/transfer`)
  await scan(page, crate)
  await page.getByRole('status').filter({ hasText: '请在第 1 行填写数量' }).waitFor()
  await page.getByRole('button', { name: /^商品 1: 矿泉水/ }).waitFor()
  expect(await page.getByRole('button', { name: /^数量 1:/ }).textContent()).not.toContain('1')
  await check('no unit')
})

test('nothing is scanned where lines are about what bears no code', async () => {
  const { page } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/landed_cost`)
  await page.getByRole('button', { name: '添加一行' }).waitFor()
  expect(await page.getByRole('textbox', { name: /扫码/ }).count()).toBe(0)
})

test('on a phone without a camera a code is typed and added', async () => {
  const { page, check } = await open(on, { as: cookie, viewport: phone })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.getByRole('textbox', { name: '扫码或输入条码，添加商品' }).fill(crate)
  await page.getByRole('button', { name: '新增', exact: true }).click()
  await page.getByRole('status').filter({ hasText: '矿泉水：1 箱子' }).waitFor()
  await page.locator('.line-card', { hasText: '矿泉水' }).getByText('箱子').waitFor()
  await picture(page, 'scan-phone')
  await check('phone')
})

test('where the camera may not be used, its dialog takes the code by hand', async () => {
  const { page, check, context } = await open(on, { as: cookie, viewport: phone })
  await context.addInitScript(() => {
    Object.assign(globalThis, { BarcodeDetector: class {} })
    const refuse = (): Promise<never> => Promise.reject(new Error('no camera'))
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: refuse } })
  })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.getByRole('button', { name: '扫码', exact: true }).click()
  const box = page.getByRole('dialog').getByRole('textbox', { name: '手工输入条码' })
  await box.waitFor()
  await box.click() // once it stands still
  await picture(page, 'scan-camera')
  await check('no camera')
  await box.fill(bottle)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('status').filter({ hasText: '矿泉水：1 听' }).waitFor()
})

test.each([
  ['a phone', phone],
  ['a desktop', desktop],
] as const)(
  'on %s the camera reads one code after another, without anything of the browser to read them with',
  async (name, viewport) => {
    const { page, check, context } = await open(on, { as: cookie, viewport, permissions: ['camera'] })
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'BarcodeDetector'))
    await page.goto(`${on.url}/a/general/new/purchase_order`)
    await page.getByRole('button', { name: '扫码', exact: true }).click()
    const said = page.getByRole('dialog').getByRole('status')
    await said.filter({ hasText: '矿泉水：1 听' }).waitFor()
    await said.filter({ hasText: '矿泉水：1 箱子' }).waitFor()
    await picture(page, `scan-camera-${viewport.width}`)
    await check(`the camera on ${name}`)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('main').getByText('箱子').first().waitFor()
    expect(await page.getByRole('main').getByText('矿泉水').count()).toBeGreaterThanOrEqual(2)
    await context.close()
  },
)

test('a code field is filled in by the camera, which is let go then', async () => {
  const { page, context } = await open(on, { as: cookie, viewport: phone, permissions: ['camera'] })
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'BarcodeDetector'))
  await page.goto(`${on.url}/a/general/new/item`)
  await page.locator('[data-field=barcode]').getByRole('button', { name: '扫码' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect
    .poll(() => page.locator('[data-field=barcode] input').inputValue())
    .toMatch(new RegExp(`^(${bottle}|${crate})$`))
  await context.close()
})

test('over an insecure address it says that the camera needs a secure one', async () => {
  const { page, check, context } = await open(on, { as: cookie, viewport: phone })
  await context.addInitScript(() => {
    Object.defineProperty(globalThis, 'isSecureContext', { value: false })
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined })
  })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.getByRole('button', { name: '扫码', exact: true }).click()
  await page.getByRole('dialog').getByText('当前网址不是 https').waitFor()
  await page.getByRole('textbox', { name: '手工输入条码' }).click() // once it stands still
  await check('insecure')
})
