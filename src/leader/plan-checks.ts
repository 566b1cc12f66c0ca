import { sentenceOf } from '../contract/issues.js'
import { submitTaskSchema } from '../contract/task.js'
import { ControlError } from '../core/errors.js'
import { isJsonObject, type Json, type JsonObject } from '../core/json.js'
import { limits } from '../core/limits.js'
import { fill, placeholdersOf } from '../core/templates/fill.js'
import { placeholderInShell } from '../core/templates/shell-text.js'

/**
 * [TP3] A body with placeholders must be one that a submit takes once they are filled in: every placeholder is known,
 * none stands where a shell would read it as program, and what holds none is right already. Throws `unprocessable`.
 */
export function checkBody(body: JsonObject, about: Places): void {
  if (JSON.stringify(body).length > limits.payloadBytesMax)
    throw new ControlError('too_large', `task: more than ${limits.payloadBytesMax} bytes`)
  checkPlaceholders(body, about)
  const inShell = placeholderInShell(body)
  if (inShell !== null) {
    throw new ControlError(
      'unprocessable',
      `task.payload.command: \${${inShell}} stands in a text that a shell reads as a program. Give it as an argument (["sh", "-c", "… \\"$1\\"", "sh", "\${${inShell}}"]) or in env`,
      { details: { name: inShell } },
    )
  }
  checkRest(body, fill(body, about.sampleOf))
}

/** What placeholders may stand for. */
export interface Places {
  /** A value of the kind that a placeholder will have, undefined for one that is unknown. */
  readonly sampleOf: (name: string) => Json | undefined
  readonly known: string
}

/** Throws `unprocessable` for a placeholder that stands for nothing. */
export function checkPlaceholders(body: JsonObject, about: Places): void {
  const stranger = placeholdersOf(body).find(({ name }) => about.sampleOf(name) === undefined)
  if (stranger !== undefined) {
    throw new ControlError(
      'unprocessable',
      `${['task', ...stranger.path].join('.')}: \${${stranger.name}} stands for nothing; known: ${about.known}. Write $\${${stranger.name}} for the text itself`,
      { details: { name: stranger.name } },
    )
  }
}

/** Complaints about what a placeholder's value decides are left to the time when there is one. */
function checkRest(body: JsonObject, filled: JsonObject): void {
  const parsed = submitTaskSchema.safeParse(filled)
  const issues = (parsed.error?.issues ?? []).filter((issue) => {
    const value = issue.path.reduce<Json | undefined>(
      (at, key) =>
        isJsonObject(at) || Array.isArray(at)
          ? (at as { readonly [key: string]: Json })[String(key)]
          : undefined,
      body,
    )
    return issue.path.length === 0 || value === undefined || placeholdersOf(value).length === 0
  })
  if (issues.length > 0) throw new ControlError('unprocessable', sentenceOf(issues, 'task'))
}
