import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const top = fileURLToPath(new URL('../../', import.meta.url))
const axeSource = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** A server of its own on an empty folder, as a new user starts it. */
export interface Tenon {
  url: string
  token: string
  admin: { email: string; password: string; name: string }
  /** Asks the API as the administrator, once signed in. */
  api: <T = Record<string, unknown>>(method: string, path: string, body?: unknown, as?: string) => Promise<T>
  signIn: (email: string, password: string) => Promise<string>
  stop: () => Promise<void>
  /** Ends the process and starts it again on the same data and port. */
  restart: () => Promise<void>
  pause: () => Promise<void>
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const s = createServer()
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address() as { port: number }
      s.close(() => done(port))
    })
  })
}

async function ready(url: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const ok = await fetch(`${url}/readyz`).then(
      (r) => r.ok,
      () => false,
    )
    if (ok) return
    await new Promise((r) => setTimeout(r, 100))
  }
  throw new Error('the server is not ready')
}

/** startTenon starts ./bin/tenon. */
export async function startTenon(): Promise<Tenon> {
  const data = mkdtempSync(join(tmpdir(), 'tenon-e2e-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const token = `token-of-this-test-${port}`
  const admin = { email: 'wang@example.com', password: 'a-long-enough-word-7', name: '王敏' }
  let child: ChildProcess
  let cookie = ''
  const start = async (): Promise<void> => {
    child = spawn(join(top, 'bin/tenon'), ['serve'], {
      env: {
        ...process.env,
        TENON_ADDR: `127.0.0.1:${port}`,
        TENON_DATA: data,
        TENON_SETUP_TOKEN: token,
        TENON_LOG: 'error',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    await ready(url)
  }
  const end = (): Promise<void> =>
    new Promise((done) => {
      if (child.exitCode !== null) return done()
      child.once('exit', () => done())
      child.kill('SIGTERM')
    })
  await start()
  const ask = async (method: string, path: string, body: unknown, as: string): Promise<Response> =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: { origin: url, cookie: as, 'content-type': 'application/json', 'accept-language': 'zh-CN' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  const signIn = async (email: string, password: string): Promise<string> => {
    const res = await ask('POST', '/sessions', { email, password }, '')
    if (!res.ok) throw new Error(`sign in: ${res.status} ${await res.text()}`)
    return res.headers.get('set-cookie')!.split(';')[0]!
  }
  return {
    url,
    token,
    admin,
    signIn,
    api: async <T>(method: string, path: string, body?: unknown, as?: string): Promise<T> => {
      if (!as && !cookie) cookie = await signIn(admin.email, admin.password)
      const res = await ask(method, path, body, as ?? cookie)
      const text = await res.text()
      if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${text}`)
      return (text ? JSON.parse(text) : undefined) as T
    },
    restart: start,
    pause: end,
    stop: async () => {
      await end()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** setUp makes the workspace over the API, for journeys that begin later. */
export async function setUp(on: Tenon, demo?: boolean): Promise<void> {
  const body = { token: on.token, workspace: '榫卯商贸', ...on.admin, locale: 'zh-CN' }
  const res = await fetch(`${on.url}/api/v1/setup`, {
    method: 'POST',
    headers: { origin: on.url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!res.ok) throw new Error(`set up: ${res.status} ${await res.text()}`)
  if (demo !== undefined) await on.api('POST', '/apps', { template: 'general', demo })
}

let browser: Browser | undefined

/** theBrowser is the one Chromium of a test file; who asks for it first says what more it is started with. */
export async function theBrowser(...more: string[]): Promise<Browser> {
  if (browser) return browser
  const path = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (p) => p && existsSync(p),
  )
  if (!path) throw new Error('no Chromium: install it (make deps) or name it in CHROMIUM')
  browser = await chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
  return browser
}

export async function closeBrowser(): Promise<void> {
  await browser?.close()
  browser = undefined
}

/** A page that is watched: whatever it complains about fails the test when it is checked. */
export interface Watched {
  page: Page
  context: BrowserContext
  /** Fails on console errors, on what axe finds, and on a page that scrolls sideways. */
  check: (where: string) => Promise<void>
  /** Complaints that the test expects, such as a refused request that the browser logs. */
  expected: RegExp[]
}

export const desktop = { width: 1280, height: 800 }
export const phone = { width: 360, height: 740 }

/** open opens a page of a size and language; as is the cookie of whoever is signed in. */
export async function open(on: Tenon, options: BrowserContextOptions & { as?: string } = {}): Promise<Watched> {
  const { as, ...rest } = options
  const small = (rest.viewport ?? desktop).width < 500
  const context = await (await theBrowser()).newContext({
    viewport: desktop,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    hasTouch: small,
    isMobile: small,
    ...rest,
  })
  if (as) {
    const [name, value] = as.split('=') as [string, string]
    await context.addCookies([{ name, value, url: on.url }])
  }
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  const expected: RegExp[] = []
  page.on('console', (m) => m.type() === 'error' && complaints.push(`${m.text()} ${m.location().url}`))
  page.on('pageerror', (e) => complaints.push(String(e)))
  const check = async (where: string): Promise<void> => {
    expect(
      complaints.filter((c) => !expected.some((e) => e.test(c))),
      `${where}: console`,
    ).toEqual([])
    expect(await axe(page), `${where}: axe`).toEqual([])
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wide, `${where}: scrolls sideways`).toBeLessThanOrEqual(0)
  }
  return { page, context, check, expected }
}

async function axe(page: Page): Promise<string[]> {
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((a) => a.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((a) => a.finished),
    ),
  )
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }
    const { axe: run } = globalThis as unknown as { axe: { run: (d: Document, o: unknown) => Promise<Result> } }
    const found = await run.run(document, { resultTypes: ['violations'] })
    return found.violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary ?? ''}`),
    )
  })
}

/** picture saves a screenshot for people to look at, where TENON_PICTURES names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.TENON_PICTURES
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
}

/** costOf begins to count what the page's main thread does; what it gives tells it for each of so many steps. */
export async function costOf(page: Page, context: BrowserContext): Promise<(steps: number) => Promise<string>> {
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  const busy = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]))
  const before = await busy()
  return async (steps) => {
    const after = await busy()
    const ms = (name: string): string => (((after[name]! - before[name]!) * 1000) / steps).toFixed(1)
    return `${ms('TaskDuration')} ms main thread, of it ${ms('ScriptDuration')} script, ${ms('RecalcStyleDuration')} styles, ${ms('LayoutDuration')} layout`
  }
}
