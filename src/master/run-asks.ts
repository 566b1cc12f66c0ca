import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { JsonBytes } from '../ports/control-plane.js'
import type { RunRef } from '../ports/node-link.js'
import type { RunAsk } from '../ports/task-host.js'
import type { CallLeader, ToolCall } from '../ports/tool-calls.js'

interface Waiting {
  readonly call: ToolCall
  readonly resolve: (json: JsonBytes) => void
  readonly reject: (reason: unknown) => void
}

/**
 * What runs ask of the leader, in order: limits.runAsksOpen at a time, so that people's calls have room beside them. Of those
 * that wait beyond limits.runAsksWaiting, the next one is refused.
 */
export class RunAsks {
  readonly #callLeader: CallLeader
  readonly #waiting: Waiting[] = []
  #open = 0

  constructor(callLeader: CallLeader) {
    this.#callLeader = callLeader
  }

  ask(ref: RunRef, ask: RunAsk): Promise<JsonBytes> {
    if (this.#waiting.length >= limits.runAsksWaiting) {
      const message = `${limits.runAsksWaiting} calls of runs on this master wait for the leader already.`
      return Promise.reject(new ControlError('resource_exhausted', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call: callOf(ref, ask), resolve, reject })
      this.#next()
    })
  }

  #next(): void {
    if (this.#open >= limits.runAsksOpen) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#open += 1
    this.#callLeader(next.call)
      .then(next.resolve, next.reject)
      .finally(() => {
        this.#open -= 1
        this.#next()
      })
  }
}

/** The master asks by itself: the leader takes its word for the runs that it holds, and for no other. */
const callOf = ({ taskId, fence }: RunRef, ask: RunAsk): ToolCall => ({
  token: '',
  waitMs: 0,
  idempotencyKey: null,
  ...(ask.kind === 'fence'
    ? { tool: 'check_fence', argsJson: JSON.stringify({ taskId, fence }) }
    : { tool: 'note_effect', argsJson: effectJson(taskId, fence, ask) }),
})

function effectJson(
  taskId: string,
  fence: number,
  { key, state, valueJson, again }: Extract<RunAsk, { kind: 'effect' }>,
): string {
  const note = JSON.stringify({ taskId, fence, key, state, again })
  return valueJson === null ? note : `${note.slice(0, -1)},"value":${valueJson}}`
}
