import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { root: import.meta.dirname, include: ['tour.ts'], testTimeout: 1_800_000, hookTimeout: 120_000 },
})
