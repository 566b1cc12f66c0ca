import type { ChatResponse, ServerMessage } from '../contract/socket.js'
import type { Receipt } from '../contract/task.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { toControlError } from './failure.js'
import type { Rest } from './rest.js'

interface Waiting {
  /** Known from the first receipt on: then a lost connection costs nothing. */
  commandId: string | null
  readonly step: (receipt: Receipt) => void
  readonly answer: (response: ChatResponse) => void
  readonly fail: (error: unknown) => void
}

const finalStates: ReadonlySet<Receipt['state']> = new Set([
  'stopped',
  'killed',
  'done',
  'refused',
  'expired',
])
export const isFinalReceipt = (receipt: Receipt): boolean => finalStates.has(receipt.state)

/** Commands and chat turns that wait for their end. */
export class Pending {
  readonly #rest: Rest
  readonly #waiting = new Map<string, Waiting>()
  readonly #prefix = Math.random().toString(36).slice(2)
  #count = 0

  constructor(rest: Rest) {
    this.#rest = rest
  }

  command(onStep: (receipt: Receipt) => void = () => undefined): {
    requestId: string
    receipt: Promise<Receipt>
  } {
    const requestId = this.#nextId()
    const receipt = new Promise<Receipt>((resolve, reject) => {
      const waiting: Waiting = {
        commandId: null,
        step: (step) => {
          waiting.commandId = step.commandId
          onStep(step)
          if (!isFinalReceipt(step)) return
          this.#waiting.delete(requestId)
          resolve(step)
        },
        answer: () => undefined,
        fail: (error) => {
          this.#waiting.delete(requestId)
          reject(error)
        },
      }
      this.#waiting.set(requestId, waiting)
    })
    return { requestId, receipt }
  }

  chat(): { requestId: string; answer: Promise<ChatResponse> } {
    const requestId = this.#nextId()
    const answer = new Promise<ChatResponse>((resolve, reject) => {
      this.#waiting.set(requestId, {
        commandId: null,
        step: () => undefined,
        answer: (response) => {
          // The own turn comes back first, as every reader of the context hears it.
          if (!response.done || response.role !== 'assistant') return
          this.#waiting.delete(requestId)
          resolve(response)
        },
        fail: (error) => {
          this.#waiting.delete(requestId)
          reject(error)
        },
      })
    })
    return { requestId, answer }
  }

  hear(message: ServerMessage): void {
    if (!('requestId' in message) || message.requestId === undefined) return
    const waiting = this.#waiting.get(message.requestId)
    if (waiting === undefined) return
    if (message.type === 'RECEIPT') waiting.step(message.receipt)
    else if (message.type === 'CHAT_RESPONSE') waiting.answer(message)
    else if (message.type === 'ERROR') waiting.fail(toControlError(message, 0))
  }

  /** What the leader never confirmed may or may not have reached it. */
  lost(): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.commandId !== null) continue
      waiting.fail(
        new ControlError('outcome_unknown', 'The connection was lost before the leader confirmed.'),
      )
    }
  }

  /** Receipts of the connection before are followed by their id. */
  reconnected(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.commandId !== null) void this.#follow(waiting.commandId, waiting)
    }
  }

  end(error: ControlError): void {
    for (const waiting of [...this.#waiting.values()]) waiting.fail(error)
  }

  async #follow(commandId: string, waiting: Waiting): Promise<void> {
    try {
      for (;;) {
        const receipt = await this.#rest.receipt(commandId, { waitMs: limits.waitMsMax })
        waiting.step(receipt)
        if (isFinalReceipt(receipt)) return
      }
    } catch (thrown) {
      // Lost again: the next connection follows it.
      if (!(thrown instanceof ControlError && thrown.kind.retryable)) waiting.fail(thrown)
    }
  }

  #nextId(): string {
    if (this.#waiting.size >= limits.clientPendingMax) {
      throw new ControlError(
        'resource_exhausted',
        `${limits.clientPendingMax} commands wait for their end already.`,
      )
    }
    this.#count += 1
    return `${this.#prefix}-${this.#count}`
  }
}
