import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'

interface Visit {
  id: string
  name: string
  begins: string
  ends: string | null
}

const field = (title: string, english: string, more: Record<string, unknown>) => ({
  title,
  'x-title': { 'en-US': english },
  ...more,
})
const base = { 'x-version': 1 }
const entity = {
  ...base,
  'x-kind': 'entity',
  'x-name': 'visit',
  title: '拜访',
  'x-title': { 'en-US': 'Visit' },
  type: 'object',
  required: ['name', 'begins'],
  properties: {
    name: field('事由', 'Subject', { type: 'string', maxLength: 100 }),
    begins: field('开始', 'Begins', { type: 'string', format: 'date-time' }),
    ends: field('结束', 'Ends', { type: 'string', format: 'date-time' }),
    place: field('地点', 'Place', { type: 'string', maxLength: 100 }),
  },
  'x-display': 'name',
  'x-rules': [
    {
      name: 'in_order',
      cel: 'ends == null || ends > begins',
      at: 'ends',
      message: { 'zh-CN': '结束要晚于开始。', 'en-US': 'It must end after it begins.' },
    },
    {
      name: 'not_before',
      cel: "begins >= datetime('2026-11-22T16:00:00Z')",
      at: 'begins',
      message: { 'zh-CN': '11月23日前不安排拜访。', 'en-US': 'No visits before 23 November.' },
    },
  ],
}
const view = {
  ...base,
  'x-kind': 'view',
  'x-name': 'visit_calendar',
  title: '拜访日历',
  'x-title': { 'en-US': 'Visits' },
  type: 'calendar',
  entity: 'visit',
  start: 'begins',
  end: 'ends',
  columns: [{ field: 'name' }, { field: 'place' }],
}

const poll = <T>(f: () => T | Promise<T>) => expect.poll(f, { timeout: 15_000 })
const monday = '2026-11-23'
const day = (n: number): string =>
  new Date(Date.parse(`${monday}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10)
// The browser stands in Shanghai.
const moment = (n: number, time: string): string =>
  new Date(`${day(n)}T${time}:00+08:00`).toISOString().replace('.000Z', 'Z')

let on: Tenon
let cookie: string
const ids: Record<string, string> = {}
const visits = async (): Promise<Visit[]> =>
  (await on.api<{ records: Visit[] }>('GET', '/apps/general/visit?page_size=100')).records
const times = async (name: string): Promise<(string | null)[]> => {
  const v = (await visits()).find((x) => x.name === name)!
  return [v.begins, v.ends]
}

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, false)
  const put = (key: string, doc: unknown) => on.api('PUT', `/apps/general/documents/${key}`, doc)
  await put('entity/visit', entity)
  await put('view/visit_calendar', view)
  const role = await on.api<{ document?: { grants: unknown[] } }>('GET', '/apps/general/documents/role/owner')
  const document = role.document ?? (role as unknown as { grants: unknown[] })
  document.grants.push({ entity: 'visit', actions: ['read', 'create', 'update', 'delete'] })
  await put('role/owner', document)
  await on.api('POST', '/apps/general/releases', { reason: '拜访' })
  cookie = await on.signIn(on.admin.email, on.admin.password)
  for (const [name, begins, ends, place] of [
    ['康乐商贸月度对账', moment(2, '09:00'), moment(2, '10:30'), '康乐总部'],
    ['新品试饮', moment(2, '10:00'), moment(2, '11:00'), '人民路店'],
    ['催收货款', moment(2, '10:15'), moment(2, '10:45'), null],
    ['电话回访', moment(3, '14:10'), null, null],
    ['夜班盘点', moment(3, '22:00'), moment(4, '02:00'), '中央仓'],
    ['秋季糖酒会', moment(1, '09:00'), moment(3, '18:00'), '成都'],
  ] as const) {
    const made = await on.api<Visit>('POST', '/apps/general/visit', { name, begins, ends, place })
    ids[name] = made.id
  }
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

const week = (mode = 'week') => `${on.url}/a/general/v/visit_calendar?mode=${mode}&day=${day(2)}`
const cell = (page: Page, place: string) => page.locator(`[data-drop="${place}"]`)
const block = (page: Page, name: string) => page.locator(`[data-entry="${ids[name]}"]`)

test('entries stand by their hours, side by side where they overlap, and those of whole days above', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(week())
  await block(page, '新品试饮').waitFor()
  const box = async (name: string) => (await block(page, name).boundingBox())!
  const [a, b] = [await box('康乐商贸月度对账'), await box('新品试饮')]
  expect(Math.round(((a.height + 2) / (b.height + 2)) * 10)).toBe(15)
  expect(a.x + a.width).toBeLessThanOrEqual(b.x + 1)
  // A third at the same time would leave none of them readable here: it is counted beside them, and shown with the day.
  expect(Math.min(a.width, b.width)).toBeGreaterThan(40)
  expect(await block(page, '催收货款').count()).toBe(0)
  const more = page.getByRole('button', { name: /11月25日.* 10:15: 还有 1 项/ })
  expect(b.x + b.width).toBeLessThanOrEqual((await more.boundingBox())!.x + 1)
  await more.click()
  await page.getByRole('dialog').getByText('催收货款').waitFor()
  await check('a full day')
  await page.keyboard.press('Escape')
  expect(a.y).toBeLessThan(b.y)
  expect(await block(page, '夜班盘点').count()).toBe(2)
  await page.locator('.hours-whole').getByText('秋季糖酒会').waitFor()
  // Eight o'clock is in sight below the days, midnight isn't.
  const head = (await page.locator('.hours-top').boundingBox())!
  const eight = (await cell(page, `${day(2)}T08:00`).boundingBox())!
  expect(eight.y).toBeGreaterThanOrEqual(head.y + head.height - 1)
  expect((await cell(page, `${day(2)}T00:00`).boundingBox())!.y).toBeLessThan(head.y)
  await check('hours')
  await picture(page, 'hours')
})

test('an entry moves to another hour by mouse and by keyboard, goes back by undo, and a refusal says why', async () => {
  const { page, check, expected } = await open(on, { as: cookie })
  await page.goto(week())
  const call = block(page, '电话回访')
  await call.waitFor()
  // It keeps its odd ten minutes, and is taken by the middle.
  const a = (await call.boundingBox())!
  await page.mouse.move(a.x + 20, a.y + 20)
  await page.mouse.down()
  await page.mouse.move(a.x + 30, a.y + 30, { steps: 4 })
  const to = (await cell(page, `${day(4)}T11:00`).boundingBox())!
  await page.mouse.move(to.x + 40, to.y + 14 + 20, { steps: 8 })
  await page.locator('.hours-target').waitFor()
  await picture(page, 'hours-drag')
  await page.mouse.up()
  await page.getByText('「电话回访」已移到 2026年11月27日 11:10').waitFor()
  expect(await times('电话回访')).toEqual([moment(4, '11:10'), null])
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText('「电话回访」已移回 2026年11月26日 14:10').waitFor()
  expect(await times('电话回访')).toEqual([moment(3, '14:10'), null])

  await block(page, '新品试饮').focus()
  await page.keyboard.press('Space')
  await page.getByText('已拿起「新品试饮」', { exact: false }).waitFor()
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
  await page.keyboard.press('Space')
  await poll(() => times('新品试饮')).toEqual([moment(3, '11:30'), moment(3, '12:30')])
  await check('moved')

  // On another day above, an entry keeps its time; what is of whole days moves by days.
  await block(page, '秋季糖酒会').focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await poll(() => times('秋季糖酒会')).toEqual([moment(2, '09:00'), moment(4, '18:00')])

  expected.push(/422/)
  await block(page, '催收货款').focus()
  await page.keyboard.press('Space')
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Space')
  await page.getByRole('alert').getByText('11月23日前', { exact: false }).waitFor()
  expect(await times('催收货款')).toEqual([moment(2, '10:15'), moment(2, '10:45')])
  await check('refused')
})

test('a drag over an empty place, or Enter there, makes an entry of that time', async () => {
  const { page, check } = await open(on, { as: cookie })
  await page.goto(week())
  await block(page, '电话回访').waitFor()
  const from = (await cell(page, `${day(0)}T13:00`).boundingBox())!
  const to = (await cell(page, `${day(0)}T14:00`).boundingBox())!
  await page.mouse.move(from.x + 30, from.y + 4)
  await page.mouse.down()
  await page.mouse.move(to.x + 30, to.y + 12, { steps: 6 })
  await page.locator('.hours-target', { hasText: '13:00–14:30' }).waitFor()
  await page.mouse.up()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('13:00').waitFor()
  await dialog.getByLabel('事由').fill('门店走访')
  await picture(page, 'hours-add')
  await check('add')
  await dialog.getByRole('button', { name: '保存' }).click()
  await poll(async () => (await visits()).length).toBe(7)
  expect(await times('门店走访')).toEqual([moment(0, '13:00'), moment(0, '14:30')])

  await cell(page, `${day(4)}T15:00`).click({ position: { x: 60, y: 10 } })
  for (const key of ['ArrowDown', 'ArrowLeft', 'ArrowLeft', 'ArrowUp']) await page.keyboard.press(key)
  await poll(() => cell(page, `${day(2)}T15:00`).evaluate((el) => el === document.activeElement)).toBe(true)
  await check('a place')
  await page.keyboard.press('Enter')
  await dialog.getByLabel('事由').fill('合同续签')
  await dialog.getByRole('button', { name: '保存' }).click()
  await poll(async () => (await visits()).length).toBe(8)
  expect(await times('合同续签')).toEqual([moment(2, '15:00'), moment(2, '16:00')])

  // Over the edge of the week the next one comes.
  await cell(page, `${day(6)}T15:00`).focus()
  await page.keyboard.press('ArrowRight')
  await poll(() => cell(page, `${day(7)}T15:00`).evaluate((el) => el === document.activeElement)).toBe(true)
})

test('this moment is marked, in the zone of the device; the dark look and English', async () => {
  await on.api('PATCH', '/me', { locale: 'en-US' })
  const { page, check } = await open(on, { as: cookie, colorScheme: 'dark', timezoneId: 'Europe/Berlin' })
  await page.goto(`${on.url}/a/general/v/visit_calendar?mode=week`)
  await page.locator('.hours-now').waitFor()
  const line = (await page.locator('.hours-now').boundingBox())!
  const now = await page.evaluate(() => {
    const at = new Date()
    const two = (n: number): string => String(n).padStart(2, '0')
    const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
    return `${date}T${two(at.getHours())}:${at.getMinutes() < 30 ? '00' : '30'}`
  })
  const here = (await cell(page, now).boundingBox())!
  expect(line.y).toBeGreaterThanOrEqual(here.y - 3)
  expect(line.y).toBeLessThanOrEqual(here.y + here.height + 3)
  expect(line.x).toBeGreaterThanOrEqual(here.x - 2)
  await page.goto(week())
  await block(page, '电话回访').waitFor()
  await poll(() => block(page, '电话回访').textContent()).toContain('07:10')
  await page.getByText('All day').waitFor()
  await check('dark, English')
  await picture(page, 'hours-dark')
  await on.api('PATCH', '/me', { locale: 'zh-CN' })
})

test('on a phone it is a day, turned by a swipe, by buttons and by the days of its week', async () => {
  const { page, check, context } = await open(on, { as: cookie, viewport: phone })
  await page.goto(week())
  await block(page, '康乐商贸月度对账').waitFor()
  await check('a day on a phone')
  await picture(page, 'hours-phone')
  const touch = await context.newCDPSession(page)
  const finger = (type: string, x?: number, y = 560) =>
    touch.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: x ? [{ x, y }] : [] })

  // A finger that rests takes an entry along; it is no swipe, however far it goes sideways.
  const at = (await block(page, '康乐商贸月度对账').boundingBox())!
  const [x, y] = [at.x + 40, at.y + 30]
  await finger('touchStart', x, y)
  await page.locator('.cal-lifted').waitFor()
  for (let i = 1; i <= 8; i++) await finger('touchMove', x + i * 17, y + i * 5.5)
  await page.locator('.hours-target', { hasText: '09:30' }).waitFor()
  await finger('touchEnd')
  await poll(() => times('康乐商贸月度对账')).toEqual([moment(2, '09:30'), moment(2, '11:00')])
  await page.getByRole('heading', { name: '2026年11月25日' }).waitFor()

  await finger('touchStart', 300)
  for (const x of [240, 180, 120]) await finger('touchMove', x)
  await finger('touchEnd')
  await page.getByRole('heading', { name: '2026年11月26日' }).waitFor()
  await block(page, '电话回访').waitFor()
  await page.getByRole('button', { name: '上一页' }).click()
  await page.getByRole('heading', { name: '2026年11月25日' }).waitFor()
  await page.getByRole('button', { name: /11月23日/ }).click()
  await block(page, '门店走访').or(page.locator('.hours-cell').first()).first().waitFor()
  await page.getByRole('heading', { name: '2026年11月23日' }).waitFor()
  const place = cell(page, `${day(0)}T10:00`)
  await place.tap()
  await page.getByRole('button', { name: /10:00 新增/ }).tap()
  await page.getByRole('dialog').getByLabel('事由').click() // once it stands still
  await picture(page, 'hours-phone-add')
  await check('add on a phone')
})
