import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { CancelSignal, JsonBytes } from '../ports/control-plane.js'
import type { AnswerToolCall, ToolCall, ToolOutcome } from '../ports/tool-calls.js'

/** Tools that one master's session calls, for people and for its runs: at most limits.nodeCallsMax at a time, dropped with the session. */
export class NodeCalls {
  readonly #answer: (call: ToolCall, signal: CancelSignal) => Promise<JsonBytes>
  readonly #send: (nonce: number, outcome: ToolOutcome) => void
  readonly #gone = new SessionSignal()
  #open = 0

  constructor(nodeId: string, answer: AnswerToolCall, send: (nonce: number, outcome: ToolOutcome) => void) {
    this.#answer = (call, signal) => answer(nodeId, call, signal)
    this.#send = send
  }

  take(nonce: number, call: ToolCall): void {
    if (this.#open >= limits.nodeCallsMax) {
      const message = `${limits.nodeCallsMax} calls of this master are under way already.`
      this.#refuse(nonce, new ControlError('resource_exhausted', message))
      return
    }
    this.#open += 1
    this.#answer(call, this.#gone).then(
      (json) => {
        this.#open -= 1
        if (json.length <= limits.callResultCharsMax) this.#send(nonce, { ok: true, json })
        else this.#refuse(nonce, tooLarge(json.length))
      },
      (thrown: unknown) => {
        this.#open -= 1
        this.#refuse(nonce, fromUnknown(thrown))
      },
    )
  }

  close(): void {
    this.#gone.abort()
  }

  #refuse(nonce: number, error: ControlError): void {
    this.#send(nonce, { ok: false, error: error.toBody().error })
  }
}

const tooLarge = (length: number): ControlError =>
  new ControlError(
    'too_large',
    `The answer has ${length} characters; at most ${limits.callResultCharsMax} go through a master. Ask for less, or ask the leader.`,
  )

/** Ends the waits of calls when the session ends. */
class SessionSignal implements CancelSignal {
  aborted = false
  readonly #listeners = new Set<() => void>()

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  abort(): void {
    this.aborted = true
    for (const listener of [...this.#listeners]) listener()
    this.#listeners.clear()
  }
}
