import { expect, test } from 'vitest'
import { lastDay, monthsBefore, todayIn } from './months.ts'

test('the last day of a month is of the calendar', () => {
  expect(['2026-10', '2026-02', '2028-02', '2026-12'].map(lastDay)).toEqual([
    '2026-10-31',
    '2026-02-28',
    '2028-02-29',
    '2026-12-31',
  ])
})

test('the months before a day go back over the year', () => {
  expect(monthsBefore('2026-02-15', 3)).toEqual(['2026-01', '2025-12', '2025-11'])
})

test('today is that of the company, not of the device', () => {
  const at = new Date('2026-11-30T17:30:00Z')
  expect(todayIn('Asia/Shanghai', at)).toBe('2026-12-01')
  expect(todayIn('UTC', at)).toBe('2026-11-30')
})
