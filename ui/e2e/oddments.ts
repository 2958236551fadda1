import type { Tenon } from './lib.ts'

const many = 96

/** A field of a document, in both languages. */
const field = (title: string, more: Record<string, unknown>): Record<string, unknown> => ({
  title,
  'x-title': { 'en-US': title },
  ...more,
})
const files = { type: 'array', items: { type: 'string', format: 'uuid' }, maxItems: 5 }

const job = {
  'x-kind': 'entity',
  'x-version': 1,
  'x-name': 'job',
  title: '工单',
  'x-title': { 'en-US': 'Job' },
  type: 'object',
  required: ['name'],
  properties: {
    name: field('名称', { type: 'string', maxLength: 100 }),
    due: field('时间', { type: 'string', format: 'date-time' }),
    papers: field('附件', { ...files, 'x-field': 'file' }),
    photos: field('照片', { ...files, 'x-field': 'image' }),
    story: field('说明', { type: 'string', 'x-field': 'richtext', maxLength: 2000 }),
    width: field('尺寸', { type: 'string', format: 'decimal', 'x-decimal': [18, 2] }),
    twice: field('双倍', {
      type: 'string',
      format: 'decimal',
      'x-decimal': [18, 2],
      'x-computed': { cel: 'width * 2.0', stored: true },
    }),
    ...Object.fromEntries(
      Array.from({ length: many - 3 }, (_, i) => [`f${i}`, field(`第${i}项`, { type: 'string', maxLength: 100 })]),
    ),
  },
  'x-display': 'name',
  'x-rules': [
    {
      name: 'short',
      cel: "name != '不行'",
      at: 'name',
      message: { 'zh-CN': '换一个名称', 'en-US': 'Choose another name' },
    },
  ],
}

const view = (name: string, title: string, more: Record<string, unknown>): Record<string, unknown> => ({
  'x-kind': 'view',
  'x-version': 1,
  'x-name': name,
  title,
  'x-title': { 'en-US': title },
  entity: 'job',
  ...more,
})

/** addJobs puts an entity of a hundred fields of all kinds into the app, with a table and a calendar by hours. */
export async function addJobs(on: Tenon): Promise<void> {
  const put = (key: string, doc: unknown) => on.api('PUT', `/apps/general/documents/${key}`, doc)
  await put('entity/job', job)
  const table = { type: 'table', columns: [{ field: 'name' }, { field: 'due' }, { field: 'papers' }] }
  await put('view/job_table', view('job_table', '工单表', table))
  const calendar = { type: 'calendar', start: 'due', columns: [{ field: 'name' }] }
  await put('view/job_calendar', view('job_calendar', '工单日历', calendar))
  const role = await on.api<{ grants?: unknown[]; document?: { grants: unknown[] } }>(
    'GET',
    '/apps/general/documents/role/owner',
  )
  const document = role.document ?? (role as { grants: unknown[] })
  document.grants.push({ entity: 'job', actions: ['read', 'create', 'update', 'delete'] })
  await put('role/owner', document)
  await on.api('POST', '/apps/general/releases', { reason: '工单' })
}
