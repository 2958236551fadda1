// Reads the bar codes that goods bear from a line of pixels, where the browser can't by itself: EAN-13 and EAN-8 (UPC-A is an
// EAN-13 that begins with 0), ITF-14 of cases, Code 128. Each has a check digit; who asks reads more than one line.

const digits = ['3211', '2221', '2122', '1411', '1132', '1231', '1114', '1312', '1213', '3112']
// Which of the six digits on the left are of the second set says the first digit of an EAN-13.
const firsts = ['000000', '001011', '001101', '001110', '010011', '011001', '011100', '010101', '010110', '011010']
const wides = ['00110', '10001', '01001', '11000', '00101', '10100', '01100', '00011', '10010', '01010']
/** What the 107 symbols of Code 128 look like: widths of bars and of what is between them. */
export const symbols128 = (
  '212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211' +
  '221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113' +
  '132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121' +
  '312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211' +
  '221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141' +
  '114113114311411113411311113141114131311141411131211412211214211232' +
  '233111'
).match(/.{6}/g)!

const widthsOf = (patterns: string[]): number[][] => patterns.map((p) => [...p].map(Number))
const left = widthsOf(digits)
const right = widthsOf(digits.map((p) => [...p].reverse().join('')))
const table128 = widthsOf(symbols128)
const off = 0.8 // modules by which one bar may differ from what it should be
const blank = 4 // modules without a bar before and behind a code, at least
const wide = 1.7 // times a narrow bar, from which one is wide

/** Lengths of what is light and dark in turn; what is light comes first. */
type Runs = number[]

const contrast = 36 // between light and dark, below which there is nothing to tell apart

/** runsOf tells what is dark on a line of brightnesses: below the middle of what is lightest and darkest around it. Where that
 * changes is reckoned to parts of a pixel. */
export function runsOf(line: ArrayLike<number>): Runs {
  const reach = Math.max(8, Math.round(line.length / 16))
  const runs: Runs = []
  let [dark, from, before] = [false, 0, 0]
  for (let i = 0; i < line.length; i++) {
    let [low, high] = [line[i]!, line[i]!]
    for (let k = Math.max(0, i - reach); k < Math.min(line.length, i + reach + 1); k++) {
      if (line[k]! < low) low = line[k]!
      if (line[k]! > high) high = line[k]!
    }
    const above = line[i]! - (low + high) / 2 // how far the pixel is from the middle
    if (high - low >= contrast ? above < 0 !== dark : dark) {
      const at = i > 0 ? i - 0.5 + Math.min(0.5, Math.max(-0.5, 0.5 - above / (above - before || 1))) : 0
      runs.push(at - from)
      ;[dark, from] = [!dark, at]
    }
    before = above
  }
  return [...runs, line.length - from]
}

const total = (runs: Runs, at: number, n: number): number => {
  let sum = 0
  for (let i = at; i < at + n; i++) sum += runs[i]!
  return sum
}

/** nearest is which pattern some runs are most like; -1 where none is near. */
function nearest(runs: Runs, at: number, patterns: number[][], modules: number): [number, number] {
  const n = patterns[0]!.length
  const one = total(runs, at, n) / modules
  let [best, least] = [-1, Number.POSITIVE_INFINITY]
  for (let p = 0; p < patterns.length; p++) {
    let sum = 0
    for (let i = 0; i < n && sum < least; i++) {
      const by = Math.abs(runs[at + i]! / one - patterns[p]![i]!)
      sum += by > off ? Number.POSITIVE_INFINITY : by
    }
    if (sum < least) [best, least] = [p, sum]
  }
  return [best, least]
}

const even = (runs: Runs, at: number, n: number, one: number): boolean => {
  for (let i = at; i < at + n; i++) if (Math.abs(runs[i]! / one - 1) > off) return false
  return true
}

const alone = (runs: Runs, at: number, n: number, one: number): boolean =>
  runs[at - 1]! >= blank * one && (runs[at + n] ?? Number.POSITIVE_INFINITY) >= blank * one

/** checked is true where the last digit is what the others ask for. */
export function checked(code: string): boolean {
  let sum = 0
  for (let i = code.length - 2, weight = 3; i >= 0; i--, weight = 4 - weight) sum += Number(code[i]) * weight
  return (sum + Number(code.at(-1))) % 10 === 0
}

// Two halves between guards of three bars, with five in the middle.
function ean(runs: Runs, at: number, half: number): string | undefined {
  const n = 11 + half * 8
  if (at + n > runs.length) return undefined
  const one = total(runs, at, n) / (11 + half * 14)
  const middle = at + 3 + half * 4
  if (!alone(runs, at, n, one) || !even(runs, at, 3, one) || !even(runs, middle, 5, one)) return undefined
  if (!even(runs, at + n - 3, 3, one)) return undefined
  let [code, sets] = ['', '']
  for (let i = 0; i < half; i++) {
    const [a, byA] = nearest(runs, at + 3 + i * 4, left, 7)
    const [b, byB] = half === 6 ? nearest(runs, at + 3 + i * 4, right, 7) : [-1, Number.POSITIVE_INFINITY]
    if (a < 0 && b < 0) return undefined
    sets += byB < byA ? '1' : '0'
    code += byB < byA ? b : a
  }
  for (let i = 0; i < half; i++) {
    const [d] = nearest(runs, middle + 5 + i * 4, left, 7)
    if (d < 0) return undefined
    code += d
  }
  const first = half === 6 ? firsts.indexOf(sets) : 0
  if (first < 0) return undefined
  const whole = half === 6 ? first + code : code
  if (!checked(whole)) return undefined
  return half === 6 && first === 0 ? code : whole // UPC-A goes without the 0
}

// Pairs of digits: one is in the bars, the other in what is between them.
function itf14(runs: Runs, at: number): string | undefined {
  const pairs = 7
  const n = 4 + pairs * 10 + 3
  if (at + n > runs.length) return undefined
  const one = total(runs, at, 4) / 4
  const end = at + n - 3
  if (!alone(runs, at, n, one) || !even(runs, at, 4, one)) return undefined
  if (runs[end]! < wide * one || !even(runs, end + 1, 2, one)) return undefined
  let code = ''
  for (let p = 0; p < pairs; p++)
    for (const which of [0, 1]) {
      const five = [0, 1, 2, 3, 4].map((i) => runs[at + 4 + p * 10 + i * 2 + which]!)
      const narrow = five.toSorted((a, b) => a - b).slice(0, 3)
      const limit = (wide * (narrow[0]! + narrow[1]! + narrow[2]!)) / 3
      const d = wides.indexOf(five.map((w) => (w > limit ? '1' : '0')).join(''))
      if (d < 0) return undefined
      code += d
    }
  return checked(code) ? code : undefined
}

// Texts of 128: three sets, of which a code changes between.
function text128(values: number[]): string | undefined {
  let set = values[0]! - 103 // 0 A, 1 B, 2 C
  let [out, once] = ['', -1]
  for (const v of values.slice(1)) {
    const now = once >= 0 ? once : set
    once = -1
    if (now === 2 && v < 100) out += String(v).padStart(2, '0')
    else if (v < 96 && now !== 2) out += String.fromCharCode(now === 0 && v >= 64 ? v - 64 : v + 32)
    else if (v === 99 && now !== 2) set = 2
    else if (v === 100 && now !== 1) set = 1
    else if (v === 101 && now !== 0) set = 0
    else if (v === 98 && now !== 2) once = 1 - now
    // what is left has no characters of its own
  }
  return out || undefined
}

function code128(runs: Runs, at: number): string | undefined {
  const [start] = at + 6 < runs.length ? nearest(runs, at, table128, 11) : [-1]
  if (start < 103 || start > 105) return undefined
  const one = total(runs, at, 6) / 11
  if (runs[at - 1]! < blank * one) return undefined
  const values = [start]
  for (let i = at + 6; i + 7 <= runs.length; i += 6) {
    if (Math.abs(total(runs, i, 6) / one - 11) > 2) return undefined
    const [v] = nearest(runs, i, table128, 11)
    if (v < 0 || (v >= 103 && v < 106)) return undefined
    if (v < 106) {
      values.push(v)
      continue
    }
    const check = values.pop()!
    if (values.length < 2 || (runs[i + 7] ?? Number.POSITIVE_INFINITY) < blank * one) return undefined
    return values.reduce((sum, v, n) => sum + v * Math.max(1, n)) % 103 === check ? text128(values) : undefined
  }
  return undefined
}

/** readRuns finds a code in what is light and dark. */
export function readRuns(runs: Runs): string | undefined {
  for (let at = 1; at + 40 < runs.length + 20; at += 2) {
    const code = ean(runs, at, 6) ?? ean(runs, at, 4) ?? itf14(runs, at) ?? code128(runs, at)
    if (code) return code
  }
  return undefined
}

/** turned is the same line from the other end; what is light still comes first. */
export function turned(runs: Runs): Runs {
  const back = runs.toReversed()
  return runs.length % 2 === 0 ? [0, ...back] : back
}

/** What a picture is made of: a red, a green, a blue and an alpha to a pixel. */
export interface Picture {
  width: number
  height: number
  data: ArrayLike<number>
}

const lines = 15
const agreed = 2 // lines that say the same

/** readPicture finds the code in a picture, held upright or on its side, whichever way round. */
export function readPicture({ width, height, data }: Picture): string | undefined {
  const seen = new Map<string, number>()
  const grey = (x: number, y: number): number => {
    const i = (y * width + x) * 4
    return (data[i]! * 3 + data[i + 1]! * 6 + data[i + 2]!) / 10
  }
  for (const across of [true, false]) {
    const [long, deep] = across ? [width, height] : [height, width]
    for (let n = 1; n <= lines; n++) {
      const at = Math.round((deep * n) / (lines + 1))
      const runs = runsOf(Array.from({ length: long }, (_, i) => (across ? grey(i, at) : grey(at, i))))
      const code = readRuns(runs) ?? readRuns(turned(runs))
      if (!code) continue
      const times = (seen.get(code) ?? 0) + 1
      if (times >= agreed) return code
      seen.set(code, times)
    }
  }
  return undefined
}
