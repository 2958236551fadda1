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
        // Many small files cost more than their bytes: what most screens share comes in two files.
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules/, minShareCount: 5, priority: 2 },
            { name: 'shared', test: /\/src\/(kit|api|meta|i18n\/[a-z]+\.ts|shell)\b/, minShareCount: 4, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: server, headers: { origin: server } }, '/healthz': server } },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node' },
} as Parameters<typeof defineConfig>[0])
