import type { WatchSink } from './control-watch.js'

type Response = Parameters<WatchSink['send']>[0]

/**
 * What a watch sends, as the async iterable that Connect writes out. Its bytes are bounded by the watch itself, which
 * ends a reader that is too slow.
 */
export class WatchQueue implements WatchSink {
  readonly #responses: Response[] = []
  #bytes = 0
  #drained: (() => void) | null = null
  #wake: (() => void) | null = null
  #end: { readonly error: unknown } | null = null

  send(response: Response): void {
    this.#responses.push(response)
    this.#bytes += response.event.length
    this.#wake?.()
  }

  bufferedBytes(): number {
    return this.#bytes
  }

  onDrained(listener: () => void): void {
    this.#drained = listener
  }

  /** Nothing follows; null = a good end. */
  end(error: unknown): void {
    this.#end ??= { error }
    this.#wake?.()
  }

  async *read(): AsyncGenerator<Response> {
    for (;;) {
      const response = this.#responses.shift()
      if (response !== undefined) {
        yield response
        // Asked for the next one: this one is on the wire.
        this.#bytes -= response.event.length
        if (this.#responses.length === 0) this.#drained?.()
      } else if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = null
      }
    }
  }
}
