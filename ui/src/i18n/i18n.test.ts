import { expect, test, vi } from 'vitest'
import { count } from './format.ts'
import { setLocale, t } from './i18n.ts'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
vi.stubGlobal('document', { documentElement: {} })

test('one and many are told apart where the language does so', async () => {
  await setLocale('en-US')
  const lines = (n: string | number): string => t('form.lineCount', { n })
  expect([0, 1, 2, 21].map(lines)).toEqual(['0 lines', '1 line', '2 lines', '21 lines'])
  expect([count(1), count(1001)].map(lines)).toEqual(['1 line', '1,001 lines'])
  expect(t('imports.badRows', { n: 1 })).toBe('1 record needs a correction')
  expect(t('imports.badRows', { n: 2 })).toBe('2 records need a correction')
  const all = (n: number): string =>
    t('books.checked', { ledgers: n, rollups: 1, formulas: 2, aggregates: n, seconds: '0.1' })
  expect(all(1)).toBe('Checked: 1 ledger, 1 roll-up, 2 formulas, 1 group of statistics, in 0.1 s.')
  expect(all(3)).toBe('Checked: 3 ledgers, 1 roll-up, 2 formulas, 3 groups of statistics, in 0.1 s.')
  await setLocale('zh-CN')
  expect([1, 2].map(lines)).toEqual(['共 1 行', '共 2 行'])
})

test('what is not given stays visible', async () => {
  await setLocale('en-US')
  expect(t('form.lineCount', {})).toBe('{n} {n|line|lines}')
  expect(t('form.lineField', { n: 1 })).toBe('{lines}, line 1, {field}')
})

test('what is counted in English has a word for one and a word for many', async () => {
  const { texts } = await import('./en-US/index.ts')
  const counted = /\{(\w+)\|[^{}|]+\|[^{}|]+\}/g
  const plain = /\{(?:n|total|ledgers|rollups|formulas|aggregates|sealed|documents)\}\+? (?:[a-z]+ )?[a-z]{3,}s\b/
  const wrong = Object.entries(texts).flatMap(([area, list]) =>
    Object.entries(list as Record<string, string>)
      .filter(([, text]) => {
        const rest = text.replace(counted, '')
        const untold = [...text.matchAll(counted)].some((m) => !text.includes(`{${m[1]}}`))
        return untold || rest.includes('|') || plain.test(rest)
      })
      .map(([name, text]) => `${area}.${name}: ${text}`),
  )
  expect(wrong).toEqual([])
})
