import { expect, test } from 'vitest'
import { corrected, csvOf } from './job.ts'

test('a correction is kept until the text is what the file has', () => {
  let all = corrected({}, 3, 'Unit', 'box', 'bx')
  all = corrected(all, 3, 'Name', 'Cup', 'Cpu')
  all = corrected(all, 4, 'Unit', 'bag', '')
  expect(all).toEqual({ 3: { Unit: 'box', Name: 'Cup' }, 4: { Unit: 'bag' } })
  all = corrected(all, 3, 'Unit', 'bx', 'bx')
  expect(all).toEqual({ 3: { Name: 'Cup' }, 4: { Unit: 'bag' } })
  expect(corrected(all, 4, 'Unit', '', '')).toEqual({ 3: { Name: 'Cup' } })
})

test('rows are written as CSV without formulas', () => {
  expect(
    csvOf(
      ['a', 'b'],
      [
        ['=1+1', 'x,"y"'],
        ['-5', '@z'],
      ],
    ),
  ).toBe('\ufeffa,b\r\n\'=1+1,"x,""y"""\r\n-5,\'@z\r\n')
})
