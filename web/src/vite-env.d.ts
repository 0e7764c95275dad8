/// <reference types="vite/client" />
/// <reference types="svelte" />

/** Where `finish.mjs` puts the map library, named by its version. */
declare const __MAPLIBRE_FOLDER__: string
