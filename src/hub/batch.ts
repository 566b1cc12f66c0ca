import type { HubMessage } from './message.js'

/** Messages in order, newest version per key only: an older one of the same key gives up its place. */
export class Batch {
  #messages: (HubMessage | null)[] = []
  readonly #position = new Map<string, number>()
  #bytes = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Length of the JSON text, as a measure of size. */
  get bytes(): number {
    return this.#bytes
  }

  add(message: HubMessage): void {
    if (message.key !== null) {
      const before = this.#position.get(message.key)
      const replaced = before === undefined ? null : this.#messages[before]
      if (before !== undefined && replaced != null) {
        this.#messages[before] = null
        this.#bytes -= replaced.json.length
        this.#count -= 1
      }
      this.#position.set(message.key, this.#messages.length)
    }
    this.#messages.push(message)
    this.#bytes += message.json.length
    this.#count += 1
  }

  /** Hands over what is there and starts anew. */
  take(): HubMessage[] {
    const taken = this.#messages.filter((message): message is HubMessage => message !== null)
    this.#messages = []
    this.#position.clear()
    this.#bytes = 0
    this.#count = 0
    return taken
  }
}
