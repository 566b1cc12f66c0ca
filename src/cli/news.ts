/** Wakes one waiter; news that come while nobody waits are kept as one. */
export class News {
  #fresh = false
  #waiter: { readonly resolve: () => void; readonly reject: (reason: unknown) => void } | null = null
  #failure: { readonly reason: unknown } | null = null

  constructor(signal: AbortSignal | undefined) {
    if (signal?.aborted === true) this.fail(signal.reason)
    signal?.addEventListener('abort', () => this.fail(signal.reason), { once: true })
  }

  next(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
      this.#settle()
    })
  }

  wake(): void {
    this.#fresh = true
    this.#settle()
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#settle()
  }

  #settle(): void {
    if (this.#waiter === null) return
    const waiter = this.#waiter
    if (this.#failure !== null) waiter.reject(this.#failure.reason)
    else if (this.#fresh) waiter.resolve()
    else return
    this.#fresh = false
    this.#waiter = null
  }
}
