const browsers: [RegExp, string][] = [
  [/MicroMessenger\//, 'WeChat'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/HarmonyOS/, 'HarmonyOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux/, 'Linux'],
]

const first = (list: [RegExp, string][], agent: string): string | undefined => list.find(([p]) => p.test(agent))?.[1]

/** deviceOf is what a browser says that it is, in words that its owner knows; "" where it says nothing known. */
export function deviceOf(agent: string): string {
  return [first(browsers, agent), first(systems, agent)].filter(Boolean).join(' · ')
}

/** isPhone is true for what one holds in a hand. */
export const isPhone = (agent: string): boolean => /iPhone|Android.*Mobile|HarmonyOS.*Mobile/.test(agent)
