import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules/.cache/agentflow/build.json')

/**
 * Every file below the given paths (files or folders, relative to the repository) that `accept` takes, sorted.
 * @param {readonly string[]} paths
 * @param {(path: string) => boolean} accept
 */
export function filesOf(paths, accept = () => true) {
  const found = []
  const visit = (path) => {
    if (!existsSync(path)) return
    if (!statSync(path).isDirectory()) return void found.push(relative(root, path))
    for (const name of readdirSync(path)) if (name !== 'node_modules') visit(join(path, name))
  }
  for (const path of paths) visit(join(root, path))
  return found.filter(accept).sort()
}

/** Hash over names and contents: the same inputs give the same stamp on every checkout. */
export function hashOf(files) {
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

export function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    // No stamps, or half-written ones: everything is built.
    return {}
  }
}

export function writeStamp(step, stamp) {
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, JSON.stringify({ ...readStamps(), [step]: stamp }))
}
