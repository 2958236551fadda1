import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env.TENON_DEV_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    manifest: true,
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0, // the content policy allows no data: scripts, and styles come from files
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': { target: server, headers: { origin: server } }, '/healthz': server } },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node' },
} as Parameters<typeof defineConfig>[0])
