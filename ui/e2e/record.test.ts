import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

interface Rec {
  id: string
  version: number
  [field: string]: unknown
}

let on: Tenon
let cookie: string
let items: { id: string; code: string; name: string }[]
const at = (entity: string, id: string) => `${on.url}/a/general/r/${entity}/${id}`
const list = async (entity: string, query = ''): Promise<Rec[]> =>
  (await on.api<{ records: Rec[] }>('GET', `/apps/general/${entity}?${query}`)).records

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
  items = (await list('item', 'page_size=60&order_by=code')) as unknown as typeof items
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

async function order(qty = '3', more: Record<string, unknown> = {}): Promise<Rec> {
  const [supplier] = await list('partner', `page_size=1&filter=${encodeURIComponent('is_supplier == true')}`)
  const [warehouse] = await list('warehouse', 'page_size=1')
  const lines = [{ item: items[0]!.id, qty, price: '10' }]
  return on.api<Rec>('POST', '/apps/general/purchase_order', {
    supplier: supplier!.id,
    warehouse: warehouse!.id,
    lines,
    ...more,
  })
}

test('an order of fifty lines by keyboard alone is saved and approved', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.locator('[data-field=supplier] input:focus').waitFor()
  await page.keyboard.press('ArrowDown')
  await page.locator('[role=option]').nth(1).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await page.locator('[role=option]').nth(1).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.type('11-26')
  // One types once the cursor is where one looks.
  const focused = async (name: string): Promise<void> => {
    const box = page.getByRole('combobox', { name, exact: true })
    await box.waitFor()
    await expect.poll(() => box.evaluate((el) => el === document.activeElement), { timeout: 10_000 }).toBe(true)
  }
  const add = page.getByRole('button', { name: /添加一行/ })
  for (let i = 0; i < 20 && !(await add.evaluate((el) => el === document.activeElement)); i++)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  for (let i = 0; i < 50; i++) {
    await focused(`商品 ${i + 1}`)
    await page.keyboard.type(items[i]!.code)
    await page.keyboard.press('Enter')
    await focused(`单位 ${i + 1}`)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await page.keyboard.type(String(i + 1))
    for (let k = 0; k < 4; k++) await page.keyboard.press('Enter') // quantity, price, discount, tax
    if (i < 49) await page.keyboard.press('Enter') // the note; a new line begins
  }
  await page.getByText('共 50 行').waitFor()
  await check('fifty lines')
  await picture(page, 'order-50')
  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/r\/purchase_order\//)
  const id = page.url().split('/').pop()!.split('?')[0]!
  const saved = await on.api<Rec>('GET', `/apps/general/purchase_order/${id}`)
  const lines = saved.lines as { item: string; qty: string }[]
  expect(lines.map((l) => l.item)).toEqual(items.slice(0, 50).map((x) => x.id))
  expect(lines.map((l) => Number(l.qty))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  const approve = page.getByRole('button', { name: '审核' })
  await approve.focus()
  await page.keyboard.press('Enter')
  await page.locator('.record-head .tag', { hasText: '已审核' }).waitFor()
  await check('approved')
})

// A slow device draws its first frame late; what a scanner typed until then must not be selected and replaced.
test('what is typed into a picker before its first frame stays', async () => {
  const { page, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.locator('[data-field=supplier] input:focus').waitFor()
  const late = 500
  await page.evaluate((ms) => {
    const frame = window.requestAnimationFrame.bind(window)
    window.requestAnimationFrame = (f) => frame(() => setTimeout(() => f(performance.now()), ms))
  }, late)
  const box = page.locator('[data-field=warehouse] input')
  await box.focus()
  await page.keyboard.type('CK0')
  await page.waitForTimeout(2 * late)
  await page.keyboard.type('3')
  expect(await box.inputValue()).toBe('CK03')
  await context.close()
})

// A new line scrolls into view while its first cell is typed into; the list below it must not take the text along.
test('what is typed into a picker stays where the page scrolls', async () => {
  const { page, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.getByRole('button', { name: /添加一行/ }).click()
  const box = page.getByRole('combobox', { name: '商品 1', exact: true })
  await box.pressSequentially(items[3]!.code)
  await page.getByRole('option').first().waitFor()
  for (const by of [40, -40]) {
    await box.evaluate((el, n) => {
      for (let up = el.parentElement; up; up = up.parentElement) {
        up.scrollTop += n
        up.dispatchEvent(new Event('scroll'))
      }
    }, by)
    await page.waitForTimeout(50)
  }
  expect(await box.inputValue()).toBe(items[3]!.code)
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: '单位 1', exact: true }).waitFor()
  expect(await page.locator('.lines-active').innerText()).toContain(items[3]!.name)
  await context.close()
})

// A far server answers late; a line that was begun by then must not vanish.
test('a line that is begun before the engine has answered stays', async () => {
  const { page, context } = await open(on, { as: cookie })
  let late: () => void = () => {}
  const held = new Promise<void>((done) => {
    late = done
  })
  let answered = 0
  await page.route('**/purchase_order:evaluate', async (route) => {
    await held
    await route.continue()
    answered++
  })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.getByRole('button', { name: /添加一行/ }).click()
  const box = page.getByRole('combobox', { name: '商品 1', exact: true })
  await box.waitFor()
  const told = page.waitForResponse((r) => r.url().endsWith(':evaluate'))
  late()
  await (await told).finished()
  await page.unroute('**/purchase_order:evaluate')
  await page.keyboard.type(items[0]!.code)
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: '单位 1', exact: true }).waitFor()
  expect(answered).toBeGreaterThan(0)
  await context.close()
})

test('two people change the same order: a conflict is decided field by field', async () => {
  const o = await order('3', { contract_no: 'A-1', note: 'first' })
  const { page, check, expected } = await open(on, { as: cookie })
  expected.push(/412/)
  await page.goto(at('purchase_order', o.id))
  const contract = page.getByLabel('合同号')
  await contract.fill('MINE')
  const other = await open(on, { as: cookie })
  await other.page.goto(at('purchase_order', o.id))
  await other.page.getByLabel('合同号').fill('THEIRS')
  await other.page.locator('[data-field=note] textarea').fill('second')
  await other.page.keyboard.press('Control+s')
  await other.page.getByText('已保存').first().waitFor()
  await page.getByText('您的内容还没有保存').waitFor()
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog').waitFor()
  await check('conflict')
  await picture(page, 'conflict')
  await page.getByRole('radio', { name: /MINE/ }).check()
  await page.getByRole('button', { name: '合并并保存' }).click()
  await page.getByText('已保存').first().waitFor()
  const now = await on.api<Rec>('GET', `/apps/general/purchase_order/${o.id}`)
  expect([now.contract_no, now.note]).toEqual(['MINE', 'second'])
  await other.page.locator('[data-field=contract_no] input').and(other.page.locator('[value=MINE]')).waitFor()
  await other.check('follows')
})

test('a refusal stands at the fields, and is corrected', async () => {
  const { page, check, expected } = await open(on, { as: cookie })
  expected.push(/422|400/)
  await page.goto(`${on.url}/a/general/new/partner`)
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await page
    .getByRole('alert')
    .getByText(/处需要修改/)
    .waitFor()
  await check('refused')
  await picture(page, 'refused')
  const first = page.locator('.form-lead').first()
  const before = await page.locator('.form-lead').count()
  await first.click()
  await page.locator('.form-item input:focus').waitFor()
  await page.keyboard.type('P-777')
  await page.waitForFunction((n) => document.querySelectorAll('.form-lead').length < n, before)
})

test('a comment mentions a colleague, who is told', async () => {
  const o = await order()
  const made = await on.api<{ id: string }>('POST', '/users', {
    email: 'li@example.com',
    name: '李娜',
    password: 'another-long-word-8',
  })
  await on.api('PUT', `/apps/general/roles/owner/users/${made.id}`)
  const { page, check } = await open(on, { as: cookie })
  await page.goto(at('purchase_order', o.id))
  await page.getByRole('tab', { name: '评论' }).click()
  await page.getByLabel('写评论').pressSequentially('@李')
  await page.getByRole('button', { name: '李娜' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByLabel('写评论').pressSequentially('请核对 <b>数量</b>')
  await page.keyboard.press('Control+Enter')
  await page.locator('.comment-text', { hasText: '@李娜 请核对 <b>数量</b>' }).waitFor()
  await check('comment')
  await picture(page, 'comment')
  const { comments } = await on.api<{ comments: { mentions: string[] }[] }>(
    'GET',
    `/apps/general/purchase_order/${o.id}/comments`,
  )
  expect(comments[0]!.mentions).toEqual([made.id])
  await page.getByRole('tab', { name: '历史' }).click()
  await page.locator('.past-entry').first().waitFor()
  await check('history')
})

test('an order is approved on a phone', async () => {
  const o = await order()
  const { page, check } = await open(on, { as: cookie, viewport: phone })
  await page.goto(at('purchase_order', o.id))
  await page.locator('.line-card').first().click()
  await page.getByRole('dialog').getByLabel('数量').fill('8')
  await check('line on a phone')
  await page.getByRole('button', { name: '完成' }).click()
  await picture(page, 'order-phone')
  await page.getByRole('button', { name: '审核' }).tap()
  await page.locator('.record-head .tag', { hasText: '已审核' }).waitFor()
  await check('approved on a phone')
  const now = await on.api<Rec>('GET', `/apps/general/purchase_order/${o.id}`)
  expect([now.state, (now.lines as { qty: string }[])[0]!.qty]).toEqual(['approved', '8.0000'])
})

test('hostile labels and values are shown as text', async () => {
  const evil = '<img src=x onerror=alert(1)>'
  const field = (title: string, more: Record<string, unknown> = {}) => ({
    type: 'string',
    title,
    'x-title': { 'en-US': title },
    maxLength: 400,
    ...more,
  })
  await on.api('PUT', '/apps/general/documents/entity/oddity', {
    'x-kind': 'entity',
    'x-version': 1,
    'x-name': 'oddity',
    title: evil,
    'x-title': { 'en-US': evil },
    type: 'object',
    properties: {
      name: field(evil),
      note: field(`<script>alert(2)</script>${'W'.repeat(80)}`),
      side: field('\u202egnp.exe'),
    },
    'x-display': 'name',
  })
  const role = await on.api<{ grants: unknown[] }>('GET', '/apps/general/documents/role/owner')
  const document = ('document' in role ? role.document : role) as { grants: unknown[] }
  document.grants.push({ entity: 'oddity', actions: ['read', 'create', 'update', 'delete'] })
  await on.api('PUT', '/apps/general/documents/role/owner', document)
  await on.api('POST', '/apps/general/releases', { reason: 'oddities' })
  const value = `"><script>alert(3)</script>\u202e${'长'.repeat(150)}`
  const r = await on.api<Rec>('POST', '/apps/general/oddity', { name: evil, note: value, side: 'javascript:alert(4)' })
  for (const viewport of [undefined, phone]) {
    const { page, check } = await open(on, { as: cookie, ...(viewport ? { viewport } : {}) })
    page.on('dialog', () => expect.unreachable('a script ran'))
    await page.goto(at('oddity', r.id))
    await page.getByRole('heading', { level: 1, name: evil }).waitFor()
    expect(await page.locator('img[src=x]').count()).toBe(0)
    await check('hostile')
    await picture(page, `hostile-${viewport ? 'phone' : 'desktop'}`)
  }
})

test('a value says where it comes from, down to its documents', async () => {
  const { page, check } = await open(on, { as: cookie })
  const [item] = await list('item', `page_size=1&filter=${encodeURIComponent('on_hand > 0.0')}`)
  await page.goto(at('item', item!.id))
  await page.getByRole('tab', { name: '库存' }).click()
  await page.getByRole('button', { name: '查看「库存数量」从哪里来' }).click()
  const panel = page.getByRole('dialog', { name: '这个值从哪里来' })
  await panel.getByText('由「库存结存」各行相加').waitFor()
  await panel.getByRole('button', { name: /^展开/ }).first().click()
  await panel.getByText('由下列流水累计').waitFor()
  await check('explained')
  await picture(page, 'explain')
  const document = panel.locator('.explain .explain a').first()
  const code = await document.textContent()
  await document.click()
  await page.getByRole('heading', { level: 1, name: code! }).waitFor()
})

test('from an item one comes to all its movements', async () => {
  const { page, check } = await open(on, { as: cookie })
  const [item] = await list('item', `page_size=1&filter=${encodeURIComponent('on_hand > 0.0')}`)
  // What is only promised has not moved.
  const filter = encodeURIComponent(`item == "${item!.id}" && verb != 'reserve'`)
  const moved = await on.api<{ count: number }>(
    'GET',
    `/apps/general/stock_entry?page_size=1&count=exact&filter=${filter}`,
  )
  await page.goto(at('item', item!.id))
  await page.getByRole('link', { name: '查看全部库存流水' }).click()
  await page.waitForURL(/\/v\/stock_entry_table/)
  await page
    .getByRole('gridcell', { name: String(moved.count), exact: true })
    .first()
    .waitFor()
  await check('movements of an item')
})

test('a form that goes with a release is told to who builds the app, and nobody is held up', async () => {
  const unit = await on.api<Rec>('POST', '/apps/general/unit', { name: '打' })
  const { page, check, expected } = await open(on, { as: cookie })
  expected.push(/views\/unit_form/) // it is asked for once more
  await page.goto(`${at('unit', unit.id)}?view=unit_table`)
  const note = page.getByText('「计量单位」没有表单视图')
  await page.locator('[data-field=note]').waitFor()
  expect(await note.count()).toBe(0)
  await page.locator('[data-field=name] input').fill('打（12 个）')
  const key = '/apps/general/documents/view/unit_table'
  const got = await on.api<{ document?: Rec }>('GET', key)
  await on.api('PUT', key, { ...(got.document ?? got), form: undefined })
  await on.api('DELETE', '/apps/general/documents/view/unit_form')
  await on.api('POST', '/apps/general/releases', { reason: 'units need no form' })
  await note.waitFor() // while the record is open
  await check('no form')
  await page.keyboard.press('Control+s')
  await page.getByText('已保存').first().waitFor()
  expect((await on.api<Rec>('GET', `/apps/general/unit/${unit.id}`)).name).toBe('打（12 个）')
})

test('what was changed is put back from the history, looked at and saved', async () => {
  const made = await order('3', { note: '先到先收' })
  const path = `/apps/general/purchase_order/${made.id}`
  const [line] = made.lines as Rec[]
  const more = { item: items[1]!.id, qty: '2', price: '5' }
  await on.api('PATCH', path, { note: '改过了', lines: [{ id: line!.id, qty: '8' }, more] })
  await on.api('PATCH', path, { lines: [more] }) // the first line is gone
  const { page, check } = await open(on, { as: cookie })
  await page.goto(at('purchase_order', made.id))
  await page.getByRole('tab', { name: '历史' }).click()
  const back = page.getByRole('button', { name: '填回修改前的值' })
  await expect.poll(() => back.count()).toBe(2)
  await back.nth(1).click() // before both changes
  await page.getByText('已填回修改前的值').waitFor()
  expect(await page.locator('[data-field=note] textarea').inputValue()).toBe('先到先收')
  await page.getByText('共 1 行').waitFor()
  await check('put back')
  await page.keyboard.press('Control+s')
  await page.getByText('已保存').first().waitFor()
  const now = await on.api<Rec>('GET', path)
  expect(now.note).toBe('先到先收')
  expect((now.lines as Rec[]).map((l) => [l.item, Number(l.qty)])).toEqual([[items[0]!.id, 3]])
})
