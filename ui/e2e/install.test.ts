import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

let on: Tenon
let me: string
beforeAll(async () => {
  on = await startTenon()
  await setUp(on)
  me = await on.signIn(on.admin.email, on.admin.password)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

test('a template is looked at, installed with its demo data, and its to-dos are on the home page', async () => {
  const { page, check } = await open(on, { as: me })
  await page.goto(on.url)
  await page.getByRole('heading', { name: '欢迎使用 Tenon' }).waitFor()
  await check('first visit')
  await picture(page, 'home-first')
  await page.getByRole('link', { name: '去模板库看看' }).click()
  await page.getByRole('link', { name: /进销存（通用版）/ }).click()
  await page
    .getByRole('heading', { name: '采购订单', exact: true })
    .or(page.getByText('采购订单').first())
    .first()
    .waitFor()
  await check('preview')
  await picture(page, 'template')
  await page.getByRole('tab', { name: '样例数据' }).click()
  await page.getByRole('region', { name: '采购订单的样例数据' }).waitFor()
  await check('sample data')
  await picture(page, 'template-sample')
  await page.getByRole('tab', { name: '角色' }).click()
  await page.getByText('可以做什么').first().click()
  await check('roles of the template')
  await page.getByRole('tab', { name: '菜单与页面' }).click()
  await check('menu of the template')
  await page.getByRole('button', { name: '安装' }).click()
  await page.getByRole('radio', { name: /带演示数据/ }).waitFor()
  await check('wizard: data')
  await picture(page, 'install')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('您将得到角色「老板」').waitFor()
  await check('wizard: permissions')
  await page.getByRole('button', { name: '开始安装' }).click()
  await page.getByRole('progressbar').waitFor()
  await check('wizard: at work')
  await page.waitForURL(/\/a\/general/, { timeout: 120_000 })
  await page.getByText('已安装「进销存（通用版）」').waitFor()
  await page.waitForURL(/\/a\/general\/v\//)
  await page.getByRole('link', { name: '工作台' }).first().click()
  const todo = page.getByRole('link', { name: /采购订单.*项待处理/ }).first()
  await todo.waitFor()
  await check('home')
  await picture(page, 'home')
  await todo.click()
  await page.waitForURL(/\/a\/general\/v\/.*filter=/)
})

test('a template is installed a second time under another name', async () => {
  const { page, check, expected } = await open(on, { as: me })
  expected.push(/409/)
  await page.goto(`${on.url}/gallery/general`)
  await page.getByRole('button', { name: '再装一套' }).click()
  const name = page.getByRole('textbox', { name: '标识' })
  await page.getByRole('textbox', { name: '应用名称' }).fill('二店')
  await name.fill('general')
  await page.getByText('空白开始').click()
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '开始安装' }).click()
  await page.getByText('名称为「general」的应用已存在。').waitFor()
  await check('the name is taken')
  await picture(page, 'install-another')
  await name.fill('second_shop')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '开始安装' }).click()
  await page.waitForURL(/\/a\/second_shop/, { timeout: 120_000 })
  await page.getByText('已安装「二店」').waitFor()
  expect((await on.api<{ records: unknown[] }>('GET', '/apps/second_shop/item')).records).toEqual([])
})

test('what is opened is remembered on this device, and found by keyboard', async () => {
  const { page, check } = await open(on, { as: me })
  const { records } = await on.api<{ records: { id: string; name: string }[] }>('GET', '/apps/general/item?page_size=1')
  const [item] = records
  await page.goto(`${on.url}/a/general/r/item/${item!.id}`)
  await page.waitForFunction(() => Object.keys(localStorage).some((k) => k.startsWith('tenon.recent.')))
  await page.goto(on.url)
  await page.getByRole('link', { name: new RegExp(item!.name) }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('menuitem', { name: item!.name }).waitFor()
  await check('palette')
  await picture(page, 'palette')
  await page.keyboard.type(item!.name)
  await page
    .getByRole('menuitem', { name: new RegExp(item!.name) })
    .first()
    .waitFor()
  await page.getByText('记录', { exact: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/a\/general\/r\/item\//)
  await page.keyboard.press('Alt+h')
  await page.getByRole('heading', { name: '工作台' }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('heading', { name: '键盘快捷键' }).waitFor()
  await check('shortcuts')
})

test('home, gallery and template fit a phone, in English and dark', async () => {
  const { page, check } = await open(on, { as: me, viewport: phone, colorScheme: 'dark' })
  await on.api('PATCH', '/me', { locale: 'en-US' })
  const places = [
    ['/', 'Home'],
    ['/gallery', 'Templates'],
    ['/gallery/general', 'Purchase, sales and stock (general)'],
    ['/gallery/general?tab=sample', 'Purchase, sales and stock (general)'],
    ['/gallery/general?tab=roles', 'Purchase, sales and stock (general)'],
    ['/inbox', 'Messages'],
    ['/account', 'My account'],
  ] as const
  for (const [path, title] of places) {
    await page.goto(on.url + path)
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    await check(`phone, dark, English: ${path}`)
    await picture(page, `phone-dark${path.replace(/\W+/g, '-')}`)
  }
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await on.api('PATCH', '/me', { locale: 'zh-CN' })
})
