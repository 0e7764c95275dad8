// After Vite: the map library as it was published, the pages /warn and /report, and everything compressed.
//
// MapLibre comes as three modules of which two share the third. Bundled, the shared one would be
// carried twice (450 kB compressed instead of 305 kB), so the files are copied as they are, under
// a folder named by version and therefore cacheable for ever.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const out = new URL('../src/tocsin/serve/pages/', import.meta.url).pathname
const maplibre = new URL('./node_modules/maplibre-gl/', import.meta.url).pathname
const { version } = JSON.parse(readFileSync(join(maplibre, 'package.json'), 'utf8'))

const mapFolder = join(out, 'assets', `maplibre-${version}`)
mkdirSync(mapFolder, { recursive: true })
for (const name of ['maplibre-gl.mjs', 'maplibre-gl-shared.mjs', 'maplibre-gl-worker.mjs', 'maplibre-gl.css']) {
  copyFileSync(join(maplibre, 'dist', name), join(mapFolder, name))
}
copyFileSync(join(maplibre, 'LICENSE.txt'), join(mapFolder, 'LICENSE.txt'))

for (const page of ['warn', 'report']) {
  mkdirSync(join(out, page), { recursive: true })
  for (const name of readdirSync(new URL(`./${page}/`, import.meta.url))) {
    copyFileSync(new URL(`./${page}/${name}`, import.meta.url), join(out, page, name))
  }
}

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesUnder(path)
    else if (/\.(html|js|mjs|css|json|svg|txt|webmanifest)$/.test(entry.name)) yield path
  }
}

for (const path of [...filesUnder(out)]) {
  const bytes = readFileSync(path)
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, quality))
}
