import { expect, test } from 'vitest'
import { checked, readPicture, readRuns, runsOf, symbols128, turned } from './barcode.ts'

// Widths of bars and of what is between them, as another program draws these codes.
const codes: [string, string][] = [
  ['6901234567892', '11131121123122222121411113211111123111141312121331122122111'],
  ['4006381333931', '11132111123111414113121122211111141114111411311214112221111'],
  ['036000291452', '11132111411111432113211321111111212231122221113212312122111'],
  ['73513537', '1111312141112312221111111411123114111312111'],
  ['16901234567899', '11113113131131113113331131131111333131131113311333111113111133311133113311311'],
  [
    'Lot-2026/11 A',
    '2112141321311341111241121221321131412212313212213111411132221232211232212122221113231133212331112',
  ],
  ['12345678', '2112321122321311233311212411121331212331112'],
  ['AB\u000112', '2114121113231311231211241232212232111121332331112'],
]

const paper = 210
const ink = 40

/** drawn is a line of pixels across a code: so many to a module, from a place between two. */
function drawn(widths: string, module: number, quiet = 12, shift = 0): number[] {
  const edges: number[] = []
  let at = quiet * module + shift
  for (const w of widths) {
    edges.push(at)
    at += Number(w) * module
  }
  edges.push(at)
  const length = Math.ceil(at + quiet * module)
  return Array.from({ length }, (_, x) => {
    // How much of the pixel is dark.
    let dark = 0
    for (let i = 0; i + 1 < edges.length; i += 2)
      dark += Math.max(0, Math.min(x + 1, edges[i + 1]!) - Math.max(x, edges[i]!))
    return paper - dark * (paper - ink)
  })
}

const blurred = (line: number[], reach: number): number[] =>
  line.map((_, i) => {
    const some = line.slice(Math.max(0, i - reach), i + reach + 1)
    return some.reduce((a, b) => a + b) / some.length
  })

// A noise that is the same in every run.
function noisy(line: number[], by: number): number[] {
  let seed = 7
  return line.map((v) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return v + (seed / 2147483648 - 0.5) * 2 * by
  })
}

const lit = (line: number[]): number[] => line.map((v, i) => v * (0.55 + (0.45 * i) / line.length))

test.each(codes)('%s is read, in every size, from both ends, out of focus, in uneven light', (code, widths) => {
  for (const module of [2, 2.7, 3.4, 6]) {
    const line = drawn(widths, module, 12, 0.3)
    expect(readRuns(runsOf(line)), `${module} pixels`).toBe(code)
    expect(readRuns(turned(runsOf(line.toReversed()))), 'from the other end').toBe(code)
    expect(readRuns(runsOf(noisy(lit(blurred(line, module > 3 ? 1 : 0)), 6))), `${module} pixels, badly lit`).toBe(code)
  }
})

test('what is cut off, changed or no code is not read', () => {
  for (const [, widths] of codes) {
    const whole = runsOf(drawn(widths, 3))
    expect(readRuns(whole.slice(0, -8)), widths).toBeUndefined()
    expect(readRuns(whole.slice(8)), widths).toBeUndefined()
    expect(readRuns(runsOf(drawn(widths, 3, 1))), `${widths} without room around`).toBeUndefined()
  }
  const other = codes[0]![1].replace('1311211', '2211211') // another digit: the check digit tells
  expect(other).not.toBe(codes[0]![1])
  expect(readRuns(runsOf(drawn(other, 3)))).toBeUndefined()
  expect(readRuns(runsOf(noisy(new Array(600).fill(128), 100)))).toBeUndefined()
  expect(readRuns(runsOf(new Array(600).fill(200)))).toBeUndefined()
})

test('check digits', () => {
  expect(['6901234567892', '16901234567899', '73513537'].map(checked)).toEqual([true, true, true])
  expect(['6901234567893', '16901234567890', '73513573'].map(checked)).toEqual([false, false, false])
})

test('the symbols of Code 128 are all different and eleven modules wide', () => {
  expect(new Set(symbols128).size).toBe(107)
  for (const s of symbols128) expect([...s].reduce((sum, w) => sum + Number(w), 0)).toBe(11)
})

test('a picture is read where two of its lines agree, upright and on its side', () => {
  const line = drawn(codes[0]![1], 3)
  const bars = { top: 80, bottom: 160 }
  const height = 240
  const picture = (across: boolean, tall = bars) => {
    const [w, h] = across ? [line.length, height] : [height, line.length]
    const data = new Uint8ClampedArray(w * h * 4).fill(paper)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const [along, deep] = across ? [x, y] : [y, x]
        if (deep >= tall.top && deep < tall.bottom) data.fill(line[along]!, (y * w + x) * 4, (y * w + x) * 4 + 3)
      }
    return { width: w, height: h, data }
  }
  expect(readPicture(picture(true))).toBe('6901234567892')
  expect(readPicture(picture(false))).toBe('6901234567892')
  expect(readPicture(picture(true, { top: 119, bottom: 122 }))).toBeUndefined() // a single line says so
})
