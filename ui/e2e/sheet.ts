import { theBrowser } from './lib.ts'

/** A picture of a screen. */
export interface Shot {
  title: string
  size: 'desktop' | 'phone'
  picture: Buffer
}

const wide = 1280
const quality = 50
// How many stand beside each other, and how many on a sheet.
const shapes = { desktop: [2, 8], phone: [6, 12] } as const
const dense = { desktop: [3, 15], phone: [8, 16] } as const

/** sheetOf puts small pictures together, each under its title. */
export async function sheetOf(shots: Shot[], small: boolean): Promise<Buffer[]> {
  const size = shots[0]?.size
  if (!size) return []
  const [columns, most] = (small ? dense : shapes)[size]
  const context = await (await theBrowser()).newContext({ viewport: { width: wide, height: 400 } })
  const out: Buffer[] = []
  for (let i = 0; i < shots.length; i += most) {
    const page = await context.newPage()
    const figures = shots
      .slice(i, i + most)
      .map(
        (s) =>
          `<figure><figcaption>${s.title}</figcaption><img src="data:image/jpeg;base64,${s.picture.toString('base64')}"></figure>`,
      )
    await page.setContent(`<style>
      body { margin: 0; padding: 12px; background: ${small ? '#2a3130' : '#dfe5e3'}; color: ${small ? '#eee' : '#222'}; font: 13px sans-serif;
        display: grid; grid-template-columns: repeat(${columns}, 1fr); gap: 14px 12px; }
      figure { margin: 0 } figcaption { padding: 0 2px 4px } img { width: 100%; display: block; border-radius: 6px }
    </style>${figures.join('')}`)
    out.push(await page.screenshot({ fullPage: true, type: 'jpeg', quality }))
    await page.close()
  }
  await context.close()
  return out
}
