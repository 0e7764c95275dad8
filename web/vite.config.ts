import { readFileSync } from 'node:fs'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const maplibre = JSON.parse(
  readFileSync(new URL('./node_modules/maplibre-gl/package.json', import.meta.url), 'utf8'),
) as { version: string }

// The pages land in the Python package; `finish.mjs` adds what Vite does not make.
export default defineConfig({
  plugins: [svelte()],
  base: '/',
  define: { __MAPLIBRE_FOLDER__: JSON.stringify(`/assets/maplibre-${maplibre.version}`) },
  build: {
    outDir: '../src/tocsin/serve/pages',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // no data: addresses, the content security policy refuses them
    modulePreload: { polyfill: false },
  },
})
