import { describe, expect, test } from 'vitest'
import { currencyOf } from './record.ts'

describe('what an amount is counted in', () => {
  const beside = (values: Record<string, unknown>) => (name: string) => values[name]
  test('is what the field beside it says', () => {
    expect(currencyOf({ currency_field: 'code' }, beside({ code: 'USD' }), 'CNY')).toBe('USD')
  })
  test('is what the app counts in where that field is empty, or there is none', () => {
    expect(currencyOf({ currency_field: 'code' }, beside({ code: null }), 'CNY')).toBe('CNY')
    expect(currencyOf({}, beside({}), 'CNY')).toBe('CNY')
  })
  test('is a code of its own where it has one', () => {
    expect(currencyOf({ currency: 'EUR' }, beside({}), 'CNY')).toBe('EUR')
  })
})
