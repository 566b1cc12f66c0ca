import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The wall is always the production build, also when a test runner that set NODE_ENV builds it.
// biome-ignore lint/style/noProcessEnv: there is no other way to tell Vite.
process.env.NODE_ENV = 'production'

/** Builds the wall to dist/wall. Nothing in the output needs more than `script-src 'self'`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react(), tailwindcss()],
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../dist/wall', import.meta.url)),
    emptyOutDir: true,
    // Fonts and images stay files: a data: address would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
})
