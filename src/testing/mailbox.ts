/** Values that arrive from outside, awaited in order. A wait that outlives its limit fails naming what it waited for. */
export class Mailbox<T> {
  readonly #values: T[] = []
  readonly #name: string
  #wake: (() => void) | null = null

  constructor(name: string) {
    this.#name = name
  }

  get size(): number {
    return this.#values.length
  }

  push(...values: readonly T[]): void {
    this.#values.push(...values)
    this.#wake?.()
  }

  /** The next value; earlier ones that do not match are dropped. */
  async next(matches: (value: T) => boolean = () => true, limitMs = 20_000): Promise<T> {
    const deadlineMs = performance.now() + limitMs
    for (;;) {
      while (this.#values.length > 0) {
        const value = this.#values.shift() as T
        if (matches(value)) return value
      }
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0) throw new Error(`no ${this.#name} within ${limitMs} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = null
    }
  }

  /** The next `count` values. */
  async take(count: number): Promise<readonly T[]> {
    const taken: T[] = []
    while (taken.length < count) taken.push(await this.next())
    return taken
  }
}
