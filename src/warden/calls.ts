import type { Report, Request } from './protocol.js'

export type Answer = Exclude<Extract<Report, { readonly id: number }>, { readonly kind: 'ask' }>

/** Requests of a master that its warden answers, each once. */
export class Calls {
  readonly #send: (request: Request) => boolean
  /** At most a few per run: a run asks for one thing of each kind at a time. */
  readonly #waiting = new Map<number, (answer: Answer | null) => void>()
  #lastId = 0

  /** `send` is false when there is nobody to ask. */
  constructor(send: (request: Request) => boolean) {
    this.#send = send
  }

  /** null when the warden is cut off, or is before it answers. */
  ask(request: (id: number) => Request): Promise<Answer | null> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve) => {
      if (this.#send(request(id))) this.#waiting.set(id, resolve)
      else resolve(null)
    })
  }

  answered(answer: Answer): void {
    const resolve = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    resolve?.(answer)
  }

  /** Nobody answers any more. */
  cut(): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const resolve of waiting) resolve(null)
  }
}
