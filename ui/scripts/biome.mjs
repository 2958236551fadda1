// Runs the linter from its platform package, because its umbrella package's lock file breaks `npm ci` on some platforms.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const name = `@biomejs/cli-${process.platform}-${process.arch}/biome${process.platform === 'win32' ? '.exe' : ''}`
const path = new URL(`../node_modules/${name}`, import.meta.url)
if (!existsSync(path)) {
  console.error(`${name} is not installed: run npm ci, or add the package of this platform to optionalDependencies`)
  process.exit(1)
}
const done = spawnSync(path.pathname, process.argv.slice(2), { stdio: 'inherit' })
process.exit(done.status ?? 1)
