import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const FOLDER = 'node_modules'

/** Folder of the package that a module belongs to; null for our own. */
function folderOf(id: string): string | null {
  const at = id.lastIndexOf(`/${FOLDER}/`)
  if (at < 0) return null
  const [scope = '', name = ''] = id.slice(at + FOLDER.length + 2).split('/')
  return join(id.slice(0, at), FOLDER, scope.startsWith('@') ? `${scope}/${name}` : scope)
}

/** Writes `licences.json`: every package of which something is in the page, with its licence. */
export function licences(): Plugin {
  return {
    name: 'licences',
    apply: 'build',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []))
      const folders = new Set(modules.map((id) => folderOf(id.replace('\0', ''))))
      const found = [...folders].flatMap((folder) => {
        if (folder === null) return []
        const known = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
        return [
          { name: known['name'] ?? '', version: known['version'] ?? '', licence: known['license'] ?? '' },
        ]
      })
      found.sort((one, other) => (one.name < other.name ? -1 : 1))
      this.emitFile({ type: 'asset', fileName: 'licences.json', source: JSON.stringify(found) })
    },
  }
}
