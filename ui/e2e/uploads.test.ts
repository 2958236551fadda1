import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Locator, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, phone, picture, setUp, startTenon, type Tenon } from './lib.ts'
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

/** dropFiles drops files and folders as a hand does, on the middle of a place. */
async function dropFiles(page: Page, context: BrowserContext, on: Locator, paths: string[]): Promise<void> {
  await on.scrollIntoViewIfNeeded()
  const box = (await on.boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const cdp = await context.newCDPSession(page)
  const data = { items: [], files: paths, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x, y, data })
  await cdp.detach()
}

/** pasteFile pastes a file where the focus is. */
const pasteFile = (into: Locator, name: string, type: string): Promise<void> =>
  into.evaluate(
    (el, [name, type]) => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([name!], name!, { type }))
      el.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    },
    [name, type],
  )

const write = (name: string): string => {
  const path = join(dir, name)
  writeFileSync(path, name)
  return path
}

test('folders, too many files and wrong kinds are refused where they are dropped or pasted; beside a field nothing happens', async () => {
  const { page, context, check } = await open(on, { as: cookie })
  const { id } = await on.api<{ id: string }>('POST', '/apps/general/job', { name: 'dropped' })
  const sent: string[] = []
  page.on('request', (r) => r.method() === 'POST' && r.url().endsWith('/files') && sent.push(r.url()))
  await page.goto(`${on.url}/a/general/r/job/${id}`)
  const papers = page.locator('[data-field=papers]')
  const photos = page.locator('[data-field=photos]')
  const said = (at: Locator, text: string): Promise<void> => at.getByRole('alert').filter({ hasText: text }).waitFor()

  mkdirSync(join(dir, '合同'))
  await dropFiles(page, context, papers.locator('.files'), [join(dir, '合同')])
  await said(papers, '“合同”是文件夹')
  await dropFiles(page, context, photos.locator('.files'), [write('list.txt')])
  await said(photos, '“list.txt”不是可用的图片')
  await pasteFile(photos.locator('.files-add'), 'pasted.pdf', 'application/pdf')
  await said(photos, '“pasted.pdf”不是可用的图片')
  expect(sent).toEqual([])
  await check('refused where dropped')
  await picture(page, 'uploads-dropped')

  // Five fit; of seven the last two are told of, and where it is full, a further one.
  await papers.getByRole('button', { name: '不再提示“合同”' }).click()
  const seven = [1, 2, 3, 4, 5, 6, 7].map((n) => write(`${n}.txt`))
  await dropFiles(page, context, papers.locator('.files'), seven)
  await said(papers, '“6.txt”放不下了，最多 5 个')
  await said(papers, '“7.txt”放不下了')
  await expect.poll(() => papers.locator('.file-name').count()).toBe(5)
  await pasteFile(papers.locator('.files-add'), 'eighth.txt', 'text/plain')
  await said(papers, '“eighth.txt”放不下了')
  expect(sent).toHaveLength(5)

  // What misses its field doesn't take the page away.
  await dropFiles(page, context, page.getByRole('heading', { level: 1 }), [write('astray.txt')])
  await page.waitForTimeout(300)
  expect(new URL(page.url()).pathname).toBe(`/a/general/r/job/${id}`)
  expect(await papers.locator('.file-name').count()).toBe(5)
  await context.close()
})

test('uploads on a phone, in English and in the dark', async () => {
  await on.api('PATCH', '/me', { locale: 'en-US' })
  const { page, check } = await open(on, { as: cookie, viewport: phone, colorScheme: 'dark' })
  const { id } = await on.api<{ id: string }>('POST', '/apps/general/job', { name: 'on a phone' })
  await page.goto(`${on.url}/a/general/r/job/${id}`)
  const papers = page.locator('[data-field=papers]')
  const photos = page.locator('[data-field=photos]')
  const long = `${'a-name-that-does-not-end-'.repeat(5)}.txt`
  await photos.locator('input[type=file]').setInputFiles(paper('list.txt'))
  await photos.getByRole('alert').filter({ hasText: '“list.txt” can’t be used as a picture' }).waitFor()
  await papers.locator('input[type=file]').setInputFiles(paper(long))
  await papers.locator('.file-name').waitFor()
  const held: Route[] = []
  await page.route('**/api/v1/files', (route) => void held.push(route))
  await papers.locator('input[type=file]').setInputFiles(['b', 'c', 'd', 'e', 'f'].map((n) => paper(`${n}-${long}`)))
  await papers.getByText('Waiting').waitFor()
  await papers.getByRole('alert').filter({ hasText: 'There is no room' }).waitFor()
  await check('uploads on a phone')
  await papers.scrollIntoViewIfNeeded()
  await picture(page, 'uploads-phone')
  for (const name of await page.locator('.files button').all()) {
    const box = (await name.boundingBox())!
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(24)
  }
  await on.api('PATCH', '/me', { locale: 'zh-CN' })
})
