import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'

/** Path in the repository → text. */
export type Sources = ReadonlyMap<string, string>

const textual = /\.(ts|tsx|mjs|md|json|proto|css|html|yaml|yml)$/

/** Every text file that is committed or could be. */
export function repository(): Sources {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  })
  const paths = listed.split('\n').filter((path) => textual.test(path))
  const present = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
  return new Map(present.map((path) => [path, readFileSync(path, 'utf8')]))
}

export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path)
export const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path)

export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
  readonly line: number
}

const clauses = [
  // import x, { y } from 'z' · import 'z'
  /^\s*import\s+(?<type>type\s+)?(?:(?<names>[\w*\s{},$]+?)\s+from\s+)?'(?<specifier>[^']+)'/gm,
  // export { y } from 'z' · export * from 'z'
  /^\s*export\s+(?<type>type\s+)?(?<names>\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*'(?<specifier>[^']+)'/gm,
  // import('z') · new Worker(new URL('./z.js', import.meta.url))
  /\bimport\(\s*'(?<specifier>[^']+)'\s*\)/g,
  /\bnew Worker\(\s*new URL\(\s*'(?<specifier>\.[^']+)',\s*import\.meta\.url\s*\)/g,
]

/** What a module names: static and dynamic imports, re-exports, and files that it starts as workers. */
export function importsOf(text: string): readonly Import[] {
  return clauses.flatMap((clause) =>
    [...text.matchAll(clause)].map((match) => ({
      specifier: match.groups?.specifier ?? '',
      typeOnly: match.groups?.type !== undefined || onlyTypes(match.groups?.names),
      line: text.slice(0, match.index + match[0].length).split('\n').length,
    })),
  )
}

const onlyTypes = (names: string | undefined): boolean => {
  const inner = /^\{(?<inner>[^}]*)\}$/.exec(names?.trim() ?? '')?.groups?.inner
  const parts = inner?.split(',').filter((part) => part.trim() !== '') ?? []
  return parts.length > 0 && parts.every((part) => part.trim().startsWith('type '))
}

/** Repository path that a relative specifier of `from` names; null for a package or a node:* module. */
export function resolveIn(sources: Sources, from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  const path = posix.normalize(posix.join(posix.dirname(from), specifier.replace(/\?.*$/, '')))
  const candidates = [path, path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')].concat(
    ['.ts', '.tsx', '/index.ts', '/index.tsx'].map((end) => `${path}${end}`),
  )
  return candidates.find((candidate) => sources.has(candidate)) ?? path.replace(/\.js$/, '.ts')
}
