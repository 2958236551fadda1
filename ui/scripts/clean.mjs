// Takes away an earlier build and nothing else: dist/placeholder.html belongs to the repository.
import { rmSync } from 'node:fs'

for (const name of ['assets', 'index.html', 'favicon.svg', 'manifest.webmanifest', 'sw.js', '.vite']) {
  rmSync(new URL(`../dist/${name}`, import.meta.url), { recursive: true, force: true })
}
