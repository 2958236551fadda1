import { inflateSync } from 'node:zlib'

/** A page of a PDF: its size in points, and its texts as they come. */
export interface PdfPage {
  width: number
  height: number
  text: string
}

interface Part {
  dict: string
  stream?: Buffer
}

/** partsOf finds the objects of a PDF as Chromium writes it: one after the other, dictionaries readable. */
function partsOf(pdf: Buffer): Map<string, Part> {
  const raw = pdf.toString('latin1')
  const out = new Map<string, Part>()
  for (const m of raw.matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const from = m.index + m[0].length
    const end = raw.indexOf('endobj', from)
    const stream = raw.indexOf('stream\n', from)
    if (stream < 0 || stream > end) {
      out.set(m[1]!, { dict: raw.slice(from, end) })
      continue
    }
    const dict = raw.slice(from, stream)
    const at = stream + 'stream\n'.length
    const bytes = pdf.subarray(at, at + Number(/\/Length (\d+)/.exec(dict)![1]))
    out.set(m[1]!, { dict, stream: dict.includes('/FlateDecode') ? inflateSync(bytes) : bytes })
  }
  return out
}

const utf16 = (hex: string): string =>
  String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((h) => Number.parseInt(h, 16)))

/** A font: which letter each code is, and how many hex digits a code has. */
interface Font {
  letters: Map<number, string>
  digits: number
}

/** fontOf reads what the codes of a font mean. */
function fontOf(map: string, digits: number): Font {
  const letters = new Map<number, string>()
  for (const block of map.matchAll(/beginbfchar\n([\s\S]*?)endbfchar/g))
    for (const m of block[1]!.matchAll(/<(\w+)> <(\w+)>/g)) letters.set(Number.parseInt(m[1]!, 16), utf16(m[2]!))
  for (const block of map.matchAll(/beginbfrange\n([\s\S]*?)endbfrange/g))
    for (const m of block[1]!.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
      const [from, to, first] = [m[1]!, m[2]!, m[3]!].map((h) => Number.parseInt(h, 16)) as [number, number, number]
      for (let g = from; g <= to; g++) letters.set(g, String.fromCharCode(first + g - from))
    }
  return { letters, digits }
}

/** textOf reads the texts of a page's drawing, with a space after each. Where the letters don't say it, the text that is
 * meant stands before them. */
function textOf(drawing: string, fonts: Map<string, Font>): string {
  let font: Font | undefined
  let out = ''
  let meant = false
  for (const m of drawing.matchAll(/ActualText <FEFF(\w*)>|\b(EMC)\b|\/(F\d+) [\d.]+ Tf|<(\w+)> Tj|\b(ET)\b/g)) {
    const [, actual, endMeant, name, codes, end] = m
    if (actual !== undefined) {
      out += utf16(actual)
      meant = true
    } else if (endMeant) meant = false
    else if (name) font = fonts.get(name)
    else if (end) out += ' '
    else if (codes && font && !meant)
      for (let i = 0; i < codes.length; i += font.digits)
        out += font.letters.get(Number.parseInt(codes.slice(i, i + font.digits), 16)) ?? '\ufffd'
  }
  return out
}

/** pagesOf reads the pages of a PDF that Chromium has printed. */
export function pagesOf(pdf: Buffer): PdfPage[] {
  const parts = partsOf(pdf)
  const known = new Map<string, Font>()
  const fontAt = (no: string): Font => {
    const { dict } = parts.get(no)!
    const map = /\/ToUnicode (\d+) 0 R/.exec(dict)
    const digits = dict.includes('/Type3') ? 2 : 4
    const font = known.get(no) ?? fontOf(map ? parts.get(map[1]!)!.stream!.toString('latin1') : '', digits)
    known.set(no, font)
    return font
  }
  const pages: (PdfPage & { no: number })[] = []
  for (const [no, { dict }] of parts) {
    if (!/\/Type \/Page\b(?!s)/.test(dict)) continue
    const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(dict)!
    const list = /\/Font <<([\s\S]*?)>>/.exec(dict)?.[1] ?? ''
    const fonts = new Map([...list.matchAll(/\/(F\d+) (\d+) 0 R/g)].map((m) => [m[1]!, fontAt(m[2]!)]))
    const drawing = parts.get(/\/Contents (\d+) 0 R/.exec(dict)![1]!)!.stream!.toString('latin1')
    pages.push({ no: Number(no), width: Number(box[1]), height: Number(box[2]), text: textOf(drawing, fonts) })
  }
  return pages.sort((a, b) => a.no - b.no).map(({ no: _, ...page }) => page)
}
