// Ranges of cells as spreadsheets put them on the clipboard: cells between tabs, rows between line ends; a cell with one
// of these in it stands in quotes, quotes in it are doubled.

/** writeTSV writes rows of cells. */
export function writeTSV(rows: string[][]): string {
  const cell = (s: string) => (/[\t\n\r"]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s)
  return rows.map((r) => r.map(cell).join('\t')).join('\r\n')
}

/** readTSV reads rows of cells; all rows come out equally long. */
export function readTSV(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  let fresh = true // a quote opens a cell only at its start
  const end = () => {
    rows[rows.length - 1]!.push(cell)
    cell = ''
    fresh = true
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') cell += text[++i]
      else quoted = false
    } else if (c === '"' && fresh) {
      quoted = true
      fresh = false
    } else if (c === '\t') end()
    else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++
      end()
      rows.push([])
    } else {
      cell += c
      fresh = false
    }
  }
  end()
  const last = rows[rows.length - 1]!
  if (rows.length > 1 && last.length === 1 && last[0] === '') rows.pop() // the line end after the last row
  const width = Math.max(...rows.map((r) => r.length))
  return rows.map((r) => [...r, ...Array<string>(width - r.length).fill('')])
}
