import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// The pages land in the Python package; `finish.mjs` adds what Vite does not make.
export default defineConfig({
  plugins: [svelte()],
  base: '/',
  build: {
    outDir: '../src/tocsin/serve/pages',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // no data: addresses, the content security policy refuses them
    modulePreload: { polyfill: false },
  },
})
