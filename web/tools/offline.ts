import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Beside what is built: files of `public/` that the page shows. */
const PUBLIC = ['icon.svg', 'icon-192.png', 'manifest.webmanifest']

/** Writes the names of all files of the page into its service worker; the engine is kept by who runs it. */
export function offline(): Plugin {
  return {
    name: 'auscult-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const names = Object.keys(bundle).filter(
        (name) => name.startsWith('assets/') && !name.endsWith('.wasm'),
      )
      const files = [...names, ...PUBLIC].sort().map((name) => `/${name}`)
      const version = createHash('sha256').update(files.join()).digest('hex').slice(0, 12)
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') throw new Error('There is no service worker among what was built.')
      worker.code = worker.code
        .replaceAll('__PAGE_FILES__', JSON.stringify(files))
        .replaceAll('__PAGE_VERSION__', JSON.stringify(version))
    },
  }
}

/** The engine is kept packed: a quarter of the room on the disk, and nobody has to pack it when it is asked for. */
export function packedEngine(): Plugin {
  return {
    name: 'auscult-packed-engine',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (!name.endsWith('.wasm') || file.type !== 'asset') continue
        this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(file.source, { level: 9 }) })
        Reflect.deleteProperty(bundle, name)
      }
    },
  }
}
