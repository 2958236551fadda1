import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, costOf, open, setUp, startTenon, type Tenon } from './lib.ts'
import { addJobs } from './oddments.ts'

// What a browser with an empty cache must fetch before a screen can be worked with. The figures in docs/benchmarks.md
// are what this test prints.
const kilobytes = 220
const most = 16 // files

let on: Tenon
let cookie: string
beforeAll(async () => {
  on = await startTenon()
  await setUp(on, true)
  cookie = await on.signIn(on.admin.email, on.admin.password)
})
afterAll(async () => {
  await closeBrowser()
  await on.stop()
})

interface Load {
  bytes: number
  files: string[]
}

/** load opens an address with an empty cache and waits for a thing on it: what came of the interface's own files. */
async function load(address: string, until: string): Promise<Load> {
  const { page, context } = await open(on, { as: cookie })
  const client = await context.newCDPSession(page)
  const names = new Map<string, string>()
  const out: Load = { bytes: 0, files: [] }
  await client.send('Network.enable')
  client.on('Network.responseReceived', (e) => names.set(e.requestId, e.response.url))
  client.on('Network.loadingFinished', (e) => {
    const url = names.get(e.requestId) ?? ''
    if (!/\/assets\/|\/$|\/v\/|\/new\//.test(url)) return
    out.bytes += e.encodedDataLength
    out.files.push(`${url.split('/').at(-1)} ${(e.encodedDataLength / 1024).toFixed(1)}`)
  })
  await page.goto(on.url + address)
  await page.locator(until).first().waitFor()
  const seen = { bytes: out.bytes, files: [...out.files] }
  await context.close()
  return seen
}

test.each([
  ['a table', '/a/general/v/item_table', '[role="gridcell"]'],
  ['a form', '/a/general/new/purchase_order', '.page input, form input, main input'],
])('%s is there after a small first load', async (name, address, until) => {
  const { bytes, files } = await load(address, until)
  console.log(`${name}: ${(bytes / 1024).toFixed(0)} KB in ${files.length} files\n  ${files.sort().join('\n  ')}`)
  expect(bytes / 1024).toBeLessThanOrEqual(kilobytes)
  expect(files.length).toBeLessThanOrEqual(most)
  // What no screen needs at first comes later: lists that open, dialogs, charts.
  expect(files.filter((f) => /overlays|Chart|echarts|Month|Wizard/i.test(f))).toEqual([])
})

// A key costs what it changes: the field that is typed into, and nothing else of a hundred.
test('a key in a form of a hundred fields touches its own field', async () => {
  await addJobs(on)
  const { page, context } = await open(on, { as: cookie })
  await page.goto(`${on.url}/a/general/new/job`)
  const box = page.locator('[data-field=f7] input')
  await box.click()
  expect(await page.locator('[data-field]').count()).toBeGreaterThanOrEqual(100)
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => {
    const touched = new Set<string>()
    Object.assign(globalThis, { touched })
    new MutationObserver((list) => {
      for (const m of list) {
        const at = m.target instanceof Element ? m.target : m.target.parentElement
        touched.add(at?.closest<HTMLElement>('[data-field]')?.dataset.field ?? 'beside the fields')
      }
    }).observe(document.querySelector('.form') ?? document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    })
  })
  const cost = await costOf(page, context)
  const text = '每一个键都只改一个字段 and nothing else'
  await page.keyboard.type(text)
  console.log(`a key in a form of a hundred fields: ${await cost(text.length)}`)
  expect(await page.evaluate(() => [...(globalThis as unknown as { touched: Set<string> }).touched])).toEqual(['f7'])
  await context.close()
})

test('what one saves is seen by another', async () => {
  const r = await on.api<{ id: string }>('POST', '/apps/general/job', { name: 'shared' })
  const one = await open(on, { as: cookie })
  const two = await open(on, { as: cookie })
  for (const { page } of [one, two]) {
    await page.goto(`${on.url}/a/general/r/job/${r.id}`)
    await page.locator('[data-field=f1] input').waitFor()
  }
  const now = () => performance.timeOrigin + performance.now()
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    await one.page.locator('[data-field=f1] input').fill(`saved ${i}`)
    const seen = two.page.waitForFunction(
      (text) =>
        document.querySelector<HTMLInputElement>('[data-field=f1] input')?.value === text &&
        performance.timeOrigin + performance.now(),
      `saved ${i}`,
    )
    const before = await one.page.evaluate(now)
    await one.page.keyboard.press('Control+s')
    times.push(Number(await (await seen).jsonValue()) - before)
    await one.page.getByText('已保存').first().waitFor()
  }
  console.log(`until another browser shows a save: ${times.map((x) => `${x.toFixed(0)} ms`).join(', ')}`)
  await one.context.close()
  await two.context.close()
})
