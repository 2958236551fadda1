import type { Me } from '../api/me.ts'
import { type Locale, locale, t } from '../i18n/i18n.ts'
import type { Rec } from '../meta/record.ts'
import type { AppMeta, EntityMeta, FieldMeta, Kind, ViewMeta } from '../meta/types.ts'
import type { CardData, CardMeta, DashboardMeta } from '../runtime/dashboard/types.ts'

// A small app that no server has: what screens are shown with on the page of states.

export const app = 'sample'
export const entity = 'thing'
export const id = '0197a000-0000-7000-8000-000000000001'
const at = '2026-01-15T01:30:00Z'

/** A person who may do everything. */
export const me = (): Me => ({
  id,
  kind: 'user',
  name: t('dev.sample'),
  email: 'sample@example.com',
  admin: true,
  builder: true,
  reviewer: true,
  must_change_password: false,
  locale: locale() satisfies Locale,
  attributes: {},
  departments: [],
  roles: {},
})

const field = (name: string, kind: Kind, more: Partial<FieldMeta> = {}): FieldMeta => ({
  name,
  kind,
  title: t('dev.label'),
  writable: true,
  ...more,
})
const states = () => [
  { name: 'open', title: t('dev.plain') },
  { name: 'done', title: t('common.done'), color: 'green' },
]
const fields = (): FieldMeta[] => [
  field('name', 'text', { required: true, max_length: 100, title: t('common.name') }),
  field('state', 'choice', { options: states(), writable: false, title: t('dev.states') }),
  field('amount', 'money', { precision: 18, scale: 2 }),
  field('due', 'date'),
  field('begins', 'datetime'),
  field('papers', 'file', { max_length: 5, title: t('form.file') }),
  field('lines', 'lines', { lines: [field('id', 'text'), field('what', 'text'), field('qty', 'decimal')] }),
]

const thing = (): EntityMeta => ({
  name: entity,
  title: t('dev.sample'),
  display: 'name',
  actions: ['read', 'create', 'update', 'delete', 'transition', 'export', 'import'],
  state_field: 'state',
  initial_state: 'open',
  transitions: [{ name: 'finish', title: t('common.done'), from: ['open'], to: 'done' }],
  fields: fields(),
})

function cards(columns: ViewMeta['columns']): CardMeta[] {
  const card = (name: string, type: CardMeta['type'], width: number, more: Partial<CardMeta> = {}): CardMeta => ({
    name,
    type,
    width,
    height: 2,
    title: t('dev.label'),
    entity,
    measures: [{ name: 'n', title: t('dev.label'), op: 'count', kind: 'integer' }],
    ...more,
  })
  const group = [{ path: 'state', title: t('dev.states'), kind: 'choice' as const, options: states() }]
  return [
    card('number', 'number', 4, { title: t('dev.option', { n: 4 }) }),
    card('bar', 'bar', 8, { group, title: t('dev.option', { n: 1 }) }),
    card('pivot', 'pivot', 6, { group, title: t('dev.option', { n: 2 }) }),
    card('list', 'list', 6, { measures: [], columns, title: t('dev.option', { n: 3 }) }),
  ]
}

/** emptyCards are the cards of the dashboard as they are answered where there are no records. */
export const emptyCards = (): Record<string, CardData> => ({
  number: { rows: [], total: { n: 0 } },
  bar: { rows: [], total: {} },
  pivot: { rows: [], total: {} },
  list: { records: [], display: {} },
})

/** views are one of each type. */
export function views(): ViewMeta[] {
  const columns = fields()
    .slice(0, 4)
    .map(({ name: path, kind, title }) => ({ path, kind, title, sortable: true }))
  const view = (name: string, type: ViewMeta['type'], title: string, more: Partial<DashboardMeta> = {}): ViewMeta => ({
    name,
    type,
    title,
    entity,
    columns,
    ...more,
  })
  const form = (name: string, title: string): ViewMeta =>
    view(name, 'form', title, {
      sections: [
        { name, title, columns: 2, items: ['name', 'amount', 'due', 'papers'].map((item) => ({ field: item })) },
      ],
    })
  return [
    view('table', 'table', t('dev.screenTable'), { form: 'form_new' }),
    view('board', 'board', t('dev.screenBoard'), {
      form: 'form_record',
      by: 'state',
      board_columns: states().map(({ name: value, title }) => ({ value, title })),
    }),
    form('form_new', t('dev.screenNew')),
    form('form_record', t('dev.screenRecord')),
    view('calendar', 'calendar', t('dev.screenCalendar'), { start: 'due' }),
    view('hours', 'calendar', t('dev.screenHours'), { start: 'begins' }),
    view('dashboard', 'dashboard', t('dev.screenDashboard'), { filters: [], cards: cards(columns) }),
  ]
}

/** meta is the app as it is described. */
export const meta = (): AppMeta => ({
  app,
  title: t('dev.sample'),
  version: '1.0.0',
  timezone: 'Asia/Shanghai',
  currency: 'CNY',
  generation: 1,
  roles: [],
  entities: [thing()],
  views: views().map(({ name, title, type }) => ({ name, title, type, entity })),
  menu: [],
})

/** record is one that has nothing but its name. */
export const record = (): Rec => ({
  id,
  version: 1,
  name: t('dev.long'),
  state: 'open',
  created_at: at,
  updated_at: at,
  papers: [],
  lines: [],
})

const lists = [
  ...['records', 'apps', 'todos', 'notifications', 'templates', 'users', 'departments', 'roles', 'entries', 'tokens'],
  ...['releases', 'people', 'sessions', 'ledgers', 'jobs', 'comments', 'saved', 'hits', 'groups', 'options'],
  ...['required', 'readonly', 'hidden', 'diagnostics'],
]

/** nothing is an answer in which every list is there, and empty. */
export const nothing = (): Record<string, unknown> => ({
  ...Object.fromEntries(lists.map((name) => [name, []])),
  ...Object.fromEntries(['cards', 'filters', 'values', 'display'].map((name) => [name, {}])),
  count: 0,
  unread: 0,
})
