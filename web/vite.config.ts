import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { offline, packedEngine } from './tools/offline.ts'
import { licences } from './tools/licences.ts'

const server = process.env.AUSCULT_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), tailwindcss(), offline(), packedEngine(), licences()],
  build: {
    outDir: '../src/auscult/server/page',
    emptyOutDir: true,
    // Scripts and pictures are files: the server's content policy allows no other ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/offline/sw.ts' },
      // The service worker stands at the root, under one name: that is where it is looked for, and what it is for.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': { target: server },
      '/ws': { target: server, ws: true },
    },
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
})
