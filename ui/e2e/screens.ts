import type { Page } from 'playwright-core'
import type { Tenon } from './lib.ts'

/** What a screen of the tour is shown on. */
export interface Stage {
  on: Tenon
  page: Page
  phone: boolean
  /** The record of an entity that is shown: the first that a filter leaves. */
  first: (entity: string, filter?: string) => Promise<string | undefined>
}

/** A screen of the tour: its name, its title in both languages, and how to get there. */
export interface Screen {
  name: string
  en: string
  zh: string
  at: string | ((s: Stage) => Promise<string>)
  act?: (s: Stage) => Promise<void>
  /** Where a phone has no such thing. */
  desktop?: true
  /** Before anybody has signed in; before the workspace is set up. */
  out?: true
  fresh?: true
}

const app = '/a/general'
const view = (name: string): string => `${app}/v/${name}`
/** record leads to a record; where there is none to the form for a new one. */
const record =
  (entity: string, filter?: string, place = `${app}/r`) =>
  async (s: Stage): Promise<string> => {
    const id = await s.first(entity, filter)
    return id ? `${place}/${entity}/${id}` : `${app}/new/${entity}`
  }

const tab =
  (n: number) =>
  async ({ page }: Stage): Promise<void> =>
    page.locator('.record-below [role=tab]').nth(n).click()

const press =
  (name: RegExp) =>
  async ({ page }: Stage): Promise<void> =>
    page.getByRole('button', { name }).first().click()

/** unfold shows where the stock of an item comes from. */
async function unfold({ page }: Stage): Promise<void> {
  await page.getByRole('tab').nth(2).click()
  await page.locator('[data-field=on_hand] .form-why').click()
  await page.locator('.explain-row button').first().click()
  await page.locator('.explain .explain-row').first().waitFor()
}

async function tick({ page, phone }: Stage): Promise<void> {
  const box = page.locator(phone ? '.tv-cardtick' : '.tv-body .tv-gutter')
  for (const i of [0, 1, 2]) await box.nth(i).click()
  await page.locator('.tv-bulk').waitFor()
}

async function peek({ page }: Stage): Promise<void> {
  await page.locator('[data-row="1"][data-col="2"]').click()
  await page.keyboard.press(' ')
  await page.getByRole('dialog').waitFor()
}

let taken = 0 // codes of items that were imported, and what somebody else wrote

/** sheet is a file of items; with mistakes, two cells of it are wrong. */
async function sheet(on: Tenon, mistakes: boolean): Promise<string> {
  const nameOf = async (entity: string): Promise<string> =>
    (await on.api<{ records: { name: string }[] }>('GET', `/apps/general/${entity}?page_size=1`)).records[0]!.name
  const [category, unit] = [await nameOf('item_category'), await nameOf('unit')]
  const names = ['便携雨伞', '保温杯', '折叠椅', '充电台灯', '收纳箱']
  const rows = names.map((name, i) => [`T${++taken}`, name, category, unit, `${29 + i * 10}.90`])
  if (mistakes) rows[1] = [rows[1]![0]!, names[1]!, `${category}类`, unit, '三十九']
  return [['商品编码', '商品名称', '商品分类', '基本单位', '标准售价'], ...rows].map((r) => r.join(',')).join('\n')
}

/** imported goes through the import of a file to a step. */
const imported =
  (step: 'columns' | 'check' | 'done') =>
  async ({ on, page }: Stage): Promise<void> => {
    const text = await sheet(on, step === 'check')
    await page.getByRole('button', { name: /^(更多操作|More actions)$/ }).click()
    await page.getByRole('menuitem', { name: /导入|Import/ }).click()
    const file = { name: 'items.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }
    await page.locator('input[type=file]').setInputFiles(file)
    await page.locator('.imp-target').first().waitFor()
    if (step === 'columns') return
    await page.getByRole('button', { name: /^(检查数据|Check the data)$/ }).click()
    const start = page.getByRole('button', { name: /^(开始导入|Import)$/ })
    await start.waitFor()
    if (step === 'check') return
    await start.click()
    await page.getByRole('button', { name: /^(查看记录|Show the records)$/ }).waitFor()
  }

/** conflict has somebody else save an order that is being changed. */
async function conflict({ page, on, first }: Stage): Promise<void> {
  const path = `/apps/general/purchase_order/${await first('purchase_order', "state == 'draft'")}`
  const contract = page.locator('[data-field=contract_no] input')
  await contract.fill('HT-2026-118')
  await on.api('PATCH', path, { contract_no: `HT-2026-12${taken++ % 9}`, note: `请在周五前到货 ${taken}` })
  await page.waitForTimeout(800)
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog').waitFor()
}

async function palette({ page }: Stage): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
}

/** The screens that have pictures of their own. */
export const main: Screen[] = [
  { name: 'home', en: 'Home', zh: '工作台', at: '/' },
  { name: 'gallery', en: 'A template, before it is installed', zh: '模板预览', at: '/gallery/general' },
  { name: 'table', en: 'A table', zh: '表格', at: view('item_table') },
  { name: 'record', en: 'A record', zh: '单据', at: record('purchase_order', "state == 'submitted'") },
  { name: 'new', en: 'A new record', zh: '新建', at: `${app}/new/sales_order` },
  { name: 'board', en: 'A board', zh: '看板', at: view('purchase_order_board') },
  { name: 'calendar', en: 'A calendar', zh: '日历', at: view('delivery_calendar') },
  { name: 'dashboard', en: 'A dashboard', zh: '仪表盘', at: view('business_dashboard') },
  { name: 'profit', en: 'Gross profit', zh: '毛利分析', at: view('profit_dashboard') },
  { name: 'ledgers', en: 'Ledgers and proof', zh: '账本与核对', at: `${app}/ledgers` },
  {
    name: 'explain',
    en: 'Where a value comes from',
    zh: '这个值从哪里来',
    at: record('item', 'on_hand > 0.0'),
    act: unfold,
  },
  { name: 'import', en: 'An import with mistakes', zh: '导入时改正', at: view('item_table'), act: imported('check') },
]

/** The screens that are shown together. */
export const more: Screen[] = [
  { name: 'setup', en: 'Setting up', zh: '首次设置', at: '/setup', fresh: true },
  { name: 'login', en: 'Signing in', zh: '登录', at: '/login', out: true },
  { name: 'templates', en: 'The gallery', zh: '模板库', at: '/gallery' },
  { name: 'inbox', en: 'Messages', zh: '消息', at: '/inbox' },
  { name: 'palette', en: 'Search and commands', zh: '搜索与命令', at: view('item_table'), act: palette },
  { name: 'grouped', en: 'A table in groups', zh: '分组的表格', at: `${view('item_table')}?group=category` },
  {
    name: 'filter',
    en: 'Conditions',
    zh: '筛选条件',
    at: `${view('item_table')}?filter=${encodeURIComponent('on_hand < 100.0 && active == true')}`,
    act: press(/^(筛选|Filter)/),
  },
  { name: 'bulk', en: 'Several at once', zh: '批量操作', at: view('item_table'), act: tick },
  {
    name: 'peek',
    en: 'A look at a record',
    zh: '快速查看',
    at: view('purchase_order_table'),
    act: peek,
    desktop: true,
  },
  { name: 'columns', en: 'Columns', zh: '列设置', at: view('item_table'), act: press(/^(列|Columns)$/), desktop: true },
  { name: 'import-map', en: 'Import: columns', zh: '导入：对应列', at: view('item_table'), act: imported('columns') },
  { name: 'import-done', en: 'Import: result', zh: '导入：结果', at: view('item_table'), act: imported('done') },
  {
    name: 'conflict',
    en: 'Two people, one order',
    zh: '冲突合并',
    at: record('purchase_order', "state == 'draft'"),
    act: conflict,
  },
  {
    name: 'related',
    en: 'Related records',
    zh: '相关记录',
    at: record('sales_order'),
    act: tab(0),
  },
  { name: 'history', en: 'History', zh: '修改历史', at: record('sales_order'), act: tab(2) },
  { name: 'week', en: 'A week', zh: '周历', at: `${view('delivery_calendar')}?mode=week` },
  { name: 'agenda', en: 'An agenda', zh: '日程', at: `${view('purchase_order_calendar')}?mode=agenda` },
  { name: 'orders', en: 'Sales orders', zh: '销售订单', at: view('sales_order_table') },
  { name: 'sales-board', en: 'Sales orders as a board', zh: '销售看板', at: view('sales_order_board') },
  { name: 'delivery', en: 'A delivery', zh: '销售出库单', at: record('delivery') },
  { name: 'paper', en: 'A document on paper', zh: '打印单据', at: record('delivery', undefined, `${app}/print/r`) },
  { name: 'paper-list', en: 'A list on paper', zh: '打印列表', at: `${app}/print/v/sales_order_table` },
  { name: 'landed', en: 'Landed cost', zh: '到岸费用', at: record('landed_cost') },
  { name: 'invoice', en: 'A purchase invoice', zh: '采购发票', at: record('purchase_invoice') },
  { name: 'stock', en: 'Stock', zh: '仓库看板', at: view('stock_dashboard') },
  { name: 'flow', en: 'Stock in and out', zh: '收发存汇总', at: view('stock_flow_dashboard') },
  { name: 'day', en: 'Stock of a day', zh: '某日库存', at: view('stock_day_dashboard') },
  { name: 'age', en: 'How old stock is', zh: '账龄分析', at: view('stock_age_dashboard') },
  { name: 'card', en: 'A stock card', zh: '库存卡片', at: record('stock_card', 'on_hand > 0.0') },
  { name: 'entries', en: 'Entries of a ledger', zh: '库存流水', at: view('stock_entry_table') },
  { name: 'receivable', en: 'Receivables', zh: '应收余额', at: view('receivable_cost_table') },
  { name: 'receipt', en: 'A receipt of money', zh: '收款单', at: record('receipt') },
  { name: 'count', en: 'A stock count', zh: '盘点单', at: record('stock_count') },
  { name: 'partner', en: 'A partner', zh: '往来单位', at: record('partner') },
  { name: 'settings', en: 'Settings', zh: '经营设置', at: record('company_setting') },
  { name: 'users', en: 'Users', zh: '用户管理', at: '/admin/users' },
  { name: 'departments', en: 'Departments', zh: '部门', at: '/admin/departments' },
  { name: 'roles', en: 'Roles', zh: '角色', at: '/admin/roles' },
  { name: 'tokens', en: 'Everybody’s tokens', zh: '接口令牌', at: '/admin/tokens' },
  { name: 'audit', en: 'The audit log', zh: '审计日志', at: '/admin/audit' },
  { name: 'apps', en: 'Apps', zh: '应用管理', at: '/admin/apps' },
  { name: 'account', en: 'My account', zh: '我的账号', at: '/account' },
  { name: 'states', en: 'States and controls', zh: '状态与控件', at: '/dev/states' },
]
