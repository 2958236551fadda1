import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

function tokens(block: string): Record<string, string> {
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1]!, m[2]!]))
}

const light = tokens(css.slice(0, css.indexOf('[data-theme="dark"]')))
const dark = { ...light, ...tokens(css.slice(css.indexOf('[data-theme="dark"]'))) }

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number]
  return (x + 0.05) / (y + 0.05)
}

// WCAG 2.2 AA: 4.5 for text, 3 for the edges of controls.
const grounds = ['ground', 'surface', 'surface-2', 'surface-3']
const pairs: [string, string, number][] = [
  ...grounds.flatMap((g): [string, string, number][] => ['ink', 'ink-2', 'ink-3'].map((i) => [i, g, 4.5])),
  ...grounds.slice(0, 3).map((g): [string, string, number] => ['brand', g, 4.5]),
  ['brand-ink', 'brand', 4.5],
  ['brand-ink', 'brand-strong', 4.5],
  ['brand-soft-ink', 'brand-soft', 4.5],
  ['danger', 'surface', 4.5],
  ['danger', 'danger-soft', 4.5],
  ['warn', 'warn-soft', 4.5],
  ['ok', 'ok-soft', 4.5],
  ['info', 'info-soft', 4.5],
  ['ink', 'mark', 4.5],
  ['ink', 'select', 4.5],
  ['ink-3', 'select', 4.5],
  ['control', 'surface', 3],
  ['focus', 'surface', 3],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): [string, string, number] => [`chart-${n}`, 'surface', 3]),
  ...['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'gray'].map((c): [string, string, number] => [
    `${c}-ink`,
    `${c}-soft`,
    4.5,
  ]),
]

test.each([
  ['light', light],
  ['dark', dark],
] as const)('texts can be read in the %s theme', (_, theme) => {
  const weak = pairs
    .filter(([a, b, least]) => contrast(theme[a]!, theme[b]!) < least)
    .map(([a, b]) => `${a} on ${b}: ${contrast(theme[a]!, theme[b]!).toFixed(2)}`)
  expect(weak).toEqual([])
})
