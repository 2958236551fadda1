import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, desktop, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

let on: Tenon
beforeAll(async () => {
  on = await startTenon()
  await setUp(on)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test.each([
  ['desktop', desktop, 'light'],
  ['desktop', desktop, 'dark'],
  ['phone', phone, 'light'],
  ['phone', phone, 'dark'],
] as const)('every state and control, %s %s %s', async (name, viewport, colorScheme) => {
  const { page, check } = await open(on, { viewport, colorScheme })
  await page.goto(`${on.url}/dev/states`)
  await page.getByRole('heading', { name: '状态与控件' }).waitFor()
  await check(`${name}, ${colorScheme}`)
  await picture(page, `states-${name}-${colorScheme}`)
  for (const kind of ['成功', '说明', '出错']) await page.getByRole('button', { name: `${kind}的提示` }).click()
  await check(`toasts, ${name}, ${colorScheme}`)
  for (const what of ['打开对话框', '打开侧栏', '打开确认']) {
    await page.getByRole('button', { name: what, exact: true }).click()
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor()
    await check(`${what}, ${name}, ${colorScheme}`)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
})

// What every screen says in a state. A new record reads nothing: it is there at once.
const said: [string, string][] = [
  ['加载中', '.skeleton, [role=status]'],
  ['没有内容', '.state, .dash-none, .board-none, .hours, .cal-grid, .record, .paper, .card'],
  ['出错', ':text("出错了")'],
  ['没有权限', ':text("没有权限")'],
  ['离线', ':text("网络已断开")'],
]

test.each([
  ['desktop', desktop, 'light'],
  ['phone', phone, 'dark'],
] as const)('every screen has every state, %s', async (name, viewport, colorScheme) => {
  const { page, check } = await open(on, { viewport, colorScheme })
  await page.goto(`${on.url}/dev/states`)
  for (const [mode, sign] of said) {
    await page.getByRole('button', { name: mode, exact: true }).click()
    const all = page.locator('[data-screen]')
    await all.first().waitFor()
    expect(await all.count()).toBeGreaterThan(20)
    for (const screen of await all.all()) {
      const what = await screen.getAttribute('data-screen')
      if (what === 'new') continue
      const found = screen.locator(sign).first()
      await found.waitFor({ state: 'attached' }).catch(() => expect.fail(`${what}: nothing says ${mode}`))
    }
    await check(`every screen: ${mode}, ${name}`)
    await picture(page, `screens-${mode}-${name}`)
  }
})

test('a toast with its way back stays in reach while a sheet is open, and covers none of its fields', async () => {
  const { page } = await open(on, { viewport: phone })
  await page.goto(`${on.url}/dev/states`)
  await page.getByRole('button', { name: '成功的提示' }).tap()
  await page.getByRole('button', { name: '打开侧栏' }).tap()
  const sheet = page.getByRole('dialog')
  await sheet.waitFor()
  const toast = page.locator('.toast')
  const covered = async (): Promise<boolean> => {
    const [a, b] = [(await toast.boundingBox())!, (await sheet.locator('.dialog-body').boundingBox())!]
    return a.y + a.height > b.y && b.y + b.height > a.y
  }
  expect(await covered()).toBe(false)
  await page.getByRole('status').getByRole('button', { name: '撤销' }).tap()
  await toast.waitFor({ state: 'detached' })
  await sheet.waitFor()
})

test.each([
  ['desktop', desktop],
  ['phone', phone],
] as const)('whatever opens over a page is a part of it for everybody, %s', async (name, viewport) => {
  const { page, check } = await open(on, { viewport })
  await page.goto(`${on.url}/dev/states`)
  const overlay = async (what: string, button: Locator): Promise<void> => {
    if (name === 'phone') await button.tap()
    else await button.click()
    await page.locator('.pop').waitFor()
    await check(`${what} open, ${name}`)
    await picture(page, `open-${what}-${name}`)
    await page.keyboard.press('Escape')
    await page.locator('.pop').waitFor({ state: 'detached' })
  }
  await overlay('select', page.locator('.select').first())
  await overlay('menu', page.locator('button[aria-haspopup=menu]').first())
  await overlay('combo', page.getByRole('combobox', { name: '搜索' }))
})

test('a list, a calendar and the palette over a form', async () => {
  await on.api('POST', '/apps', { template: 'general', demo: false })
  const { page, check } = await open(on, { as: await on.signIn(on.admin.email, on.admin.password) })
  await page.goto(`${on.url}/a/general/new/purchase_order`)
  await page.getByRole('combobox').first().click()
  await page.getByRole('region').getByRole('listbox').waitFor()
  await check('list of a reference open')
  await page.keyboard.press('Escape')
  await page
    .getByRole('button', { name: /^选择日期/ })
    .first()
    .click()
  await page.getByRole('dialog').getByRole('grid').waitFor()
  await check('calendar open')
  await picture(page, 'open-calendar')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('menu').waitFor()
  await check('palette open')
})

test('a mention is told at once, leads to its record, and is marked as read', async () => {
  const wu = await on.api<{ id: string }>('POST', '/users', {
    name: '吴静',
    email: 'wu@example.com',
    password: 'first-of-many-11',
    admin: true,
  })
  await on.api('PUT', `/apps/general/roles/owner/users/${wu.id}`)
  const first = await on.signIn('wu@example.com', 'first-of-many-11')
  await on.api('PATCH', '/me', { current_password: 'first-of-many-11', password: 'second-of-many-12' }, first)
  const hers = await open(on, { as: await on.signIn('wu@example.com', 'second-of-many-12') })
  await hers.page.goto(on.url)
  await hers.page.getByRole('link', { name: '消息', exact: true }).waitFor()
  const unit = await on.api<{ id: string }>('POST', '/apps/general/unit', { name: '箱' })
  await on.api('POST', `/apps/general/unit/${unit.id}/comments`, { text: '请核对这个单位', mentions: [wu.id] })
  await hers.page.getByRole('link', { name: '消息，1 条未读' }).click()
  await hers.page.getByText('请核对这个单位').waitFor()
  await hers.check('inbox')
  await picture(hers.page, 'inbox')
  await hers.page.getByRole('link', { name: /提到了您/ }).click()
  await hers.page.waitForURL(new RegExp(`/a/general/r/unit/${unit.id}`))
  await hers.page.getByRole('link', { name: '消息', exact: true }).click()
  await hers.page.getByRole('button', { name: /^未读/ }).click()
  await hers.page.getByText('没有未读消息').waitFor()
  await hers.check('inbox, all read')
})
