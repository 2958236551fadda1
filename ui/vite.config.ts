import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env.TENON_DEV_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), { ...optimizeLocales.vite({ locales: ['zh-CN', 'en-US'] }), enforce: 'pre' }],
  build: {
    outDir: 'dist',
    manifest: true,
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0, // the content policy allows no data: scripts, and styles come from files
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Many small files cost more than their bytes. What every screen needs comes in two files, and what draws lists
        // and dialogs, which no screen needs at first, in one.
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack(?!\/(react-)?virtual)|lucide-react)\//, priority: 3 },
            { name: 'overlays', test: /node_modules\/(react-aria|react-stately|react-aria-components|@internationalized)\//, minShareCount: 3, priority: 2 },
            {
              name: 'shared',
              test: /\/src\/(api\/(?!account|admin|schemas|templates)|meta\/|i18n\/[a-z0-9]+\.ts|kit\/(?!combo|field|formDialog|secret|\w+Frame|menuList)|shell\/(?!AppHome|find|Missing|Palette|Shortcuts)|runtime\/(ViewPage|screens))/,
              priority: 1,
            },
            {
              name: 'values',
              test: /\/src\/runtime\/(address|exact|SearchBox|form\/(dates|files|frame|layout|lines|rich|Shown|text|upload)|table\/(Cell|cel|columns|question|state|write))\.(css|tsx?)/,
              minShareCount: 2,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: server, headers: { origin: server } }, '/healthz': server } },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node', testTimeout: 60_000 }, // a busy machine is slow
} as Parameters<typeof defineConfig>[0])
