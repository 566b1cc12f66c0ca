import { isJsonObject, type Json, type JsonObject } from '../json.js'
import { placeholdersOf } from './fill.js'

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'fish'])

/**
 * The placeholder that a shell would read as a part of its program, or null. There a value with a quote or a `;` in it
 * would be a program too: values belong into arguments or the environment.
 */
export function placeholderInShell(body: JsonObject): string | null {
  const command = isJsonObject(body.payload) ? body.payload.command : undefined
  if (typeof command === 'string') return placeholdersOf(command)[0]?.name ?? null
  if (!Array.isArray(command)) return null
  const argv = command as readonly Json[]
  for (const [at, word] of argv.entries()) {
    const isProgram = at > 0 && /^-\w*c$/.test(String(argv[at - 1])) && argv.slice(0, at - 1).some(isShell)
    const name = isProgram || (at === 0 && isShell(word)) ? placeholdersOf(word)[0]?.name : undefined
    if (name !== undefined) return name
  }
  return null
}

const isShell = (word: Json): boolean => shells.has(String(word).split('/').at(-1) ?? '')
