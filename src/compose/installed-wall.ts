import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** dist/wall, beside the folder of this file; null when it was not built. */
export function installedWall(): string | null {
  const folder = fileURLToPath(new URL('../wall/', import.meta.url))
  return existsSync(`${folder}index.html`) ? folder : null
}
