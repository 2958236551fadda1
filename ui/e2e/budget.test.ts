import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeBrowser, open, setUp, startTenon, type Tenon } from './lib.ts'

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
