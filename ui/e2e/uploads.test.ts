import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, picture, setUp, startTenon, type Tenon } from './lib.ts'
import { addJobs } from './oddments.ts'

let on: Tenon
let cookie: string
const dir = mkdtempSync(join(tmpdir(), 'tenon-uploads-'))

beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  await addJobs(on)
  cookie = await on.signIn(on.admin.email, on.admin.password)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
  rmSync(dir, { recursive: true })
})

const paper = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })

test('what can’t be sent says why at its field; sending is shown, stopped, and begun again after a cut', async () => {
  const { page, context, check, expected } = await open(on, { as: cookie })
  expected.push(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch/)
  const { id } = await on.api<{ id: string }>('POST', '/apps/general/job', { name: 'with uploads' })
  const sent: string[] = []
  page.on('request', (r) => r.method() === 'POST' && r.url().endsWith('/files') && sent.push(r.url()))
  await page.goto(`${on.url}/a/general/r/job/${id}`)
  const papers = page.locator('[data-field=papers]')
  const photos = page.locator('[data-field=photos]')

  // Too big, or of another kind: not a byte leaves.
  const film = join(dir, 'film.bin')
  writeFileSync(film, '')
  truncateSync(film, (20 << 20) + 1)
  await papers.locator('input[type=file]').setInputFiles(film)
  await papers.getByRole('alert').filter({ hasText: '“film.bin”太大，一个文件最大 20 MB' }).waitFor()
  await photos.locator('input[type=file]').setInputFiles(paper('list.txt'))
  await photos.getByRole('alert').filter({ hasText: '“list.txt”不是可用的图片' }).waitFor()
  expect(sent).toEqual([])
  await check('refused before sending')
  await picture(page, 'uploads-refused')

  // What only calls itself a picture is found out by what it begins with.
  await photos.getByRole('button', { name: '不再提示“list.txt”' }).click()
  await photos.locator('input[type=file]').setInputFiles({ ...paper('sham.png'), mimeType: 'image/png' })
  await photos.getByRole('alert').filter({ hasText: '“sham.png”不是可用的图片' }).waitFor()
  expect(sent).toHaveLength(1)
  expect(await photos.locator('.thumb').count()).toBe(0)

  // On its way, and stopped.
  await papers.getByRole('button', { name: '不再提示“film.bin”' }).click()
  const held: Route[] = []
  await page.route('**/api/v1/files', (route) => void held.push(route))
  await papers.locator('input[type=file]').setInputFiles(['a', 'b', 'c', 'd'].map((n) => paper(`${n}.txt`)))
  await papers.getByRole('progressbar', { name: 'a.txt' }).waitFor()
  await papers.getByText('等待上传').waitFor() // the fourth
  await check('on its way')
  await picture(page, 'uploads-sending')
  for (const name of ['d', 'a', 'b', 'c']) {
    await papers.getByRole('button', { name: `停止上传“${name}.txt”` }).click()
    await papers.getByRole('progressbar', { name: `${name}.txt` }).waitFor({ state: 'detached' })
  }
  expect(held).toHaveLength(3) // the fourth was never sent
  await page.unroute('**/api/v1/files')
  expect(await papers.locator('.files-item').count()).toBe(0)

  // Cut, and sent again.
  await context.setOffline(true)
  await papers.locator('input[type=file]').setInputFiles(paper('kept.txt'))
  await papers.getByRole('alert').filter({ hasText: '网络断了' }).waitFor()
  await context.setOffline(false)
  await papers.getByRole('button', { name: '重试' }).click()
  await papers.locator('.file-name').filter({ hasText: 'kept.txt' }).waitFor()
  expect(await papers.getByRole('alert').count()).toBe(0)
  await page.keyboard.press('Control+s')
  await page.getByText('已保存').first().waitFor()
  const kept = await on.api<{ papers: string[]; photos: string[] | null }>('GET', `/apps/general/job/${id}`)
  expect(kept.papers).toHaveLength(1)
  expect(kept.photos ?? []).toEqual([])

  // What is still on its way when one saves is waited for; where it fails, nothing is saved and the field says why.
  const late: Route[] = []
  await page.route('**/api/v1/files', (route) => void late.push(route))
  const saves: string[] = []
  page.on('request', (r) => r.method() === 'PATCH' && saves.push(r.url()))
  const begin = async (name: string): Promise<Route> => {
    await papers.locator('input[type=file]').setInputFiles(paper(name))
    await papers.getByRole('progressbar', { name }).waitFor()
    await page.keyboard.press('Control+s')
    await expect.poll(() => late.length).toBeGreaterThan(0)
    return late.pop()!
  }
  await (await begin('lost.txt')).abort()
  await papers.getByRole('alert').filter({ hasText: '网络断了' }).waitFor()
  expect(saves).toEqual([])
  await papers.getByRole('button', { name: '不再提示“lost.txt”' }).click()
  await (await begin('late.txt')).continue()
  await expect
    .poll(async () => (await on.api<{ papers: string[] }>('GET', `/apps/general/job/${id}`)).papers.length)
    .toBe(2)
  expect(saves).toHaveLength(1)
  await context.close()
})
