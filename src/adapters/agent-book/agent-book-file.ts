import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { ControlError } from '../../core/errors.js'
import { agentIdOf } from '../../core/ids.js'
import { limits } from '../../core/limits.js'
import type { AgentBook, AgentChanges } from '../../ports/agent-book.js'

const changesSchema = z.object({
  added: z
    .array(
      z.object({
        agentId: z.string().min(1).transform(agentIdOf),
        accountIdx: z.number().int().nullable(),
        createdAtMs: z.number().int(),
      }),
    )
    .max(limits.slotsMax),
  removed: z.array(z.string()).max(limits.slotsMax),
})

/** AgentBook as a small JSON file, written whole or not at all. A damaged one is `invalid_configuration`. */
export class AgentBookFile implements AgentBook {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  read(): AgentChanges {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
        return { added: [], removed: [] }
      throw damaged(this.#path, cause)
    }
    try {
      return changesSchema.parse(JSON.parse(text))
    } catch (cause) {
      throw damaged(this.#path, cause)
    }
  }

  /** The content before the name, and the name before the return. */
  write(changes: AgentChanges): void {
    const partial = `${this.#path}.tmp`
    writeFileSync(partial, JSON.stringify(changes), { mode: 0o600 })
    sync(partial)
    renameSync(partial, this.#path)
    sync(dirname(this.#path))
  }
}

const damaged = (path: string, cause: unknown): ControlError =>
  new ControlError(
    'invalid_configuration',
    `The file of this master's agents ${path} cannot be read; delete it to begin with its slots.`,
    { cause },
  )

function sync(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
