import type { AlertDelivery } from '../../contract/alert-rules.js'

type Shown = Pick<
  NonNullable<AlertDelivery['webhook']>,
  'state' | 'deliveredAt' | 'failingSince' | 'error' | 'nextTryAt' | 'givenUp'
>

/** What became of deliveries since this process started. Times are Unix ms. */
export class DeliveryNotes {
  #deliveredAtMs: number | null = null
  #failure: { readonly sinceMs: number; readonly error: string; readonly nextTryAtMs: number | null } | null =
    null
  #givenUp = 0

  delivered(): void {
    this.#deliveredAtMs = Date.now()
    this.#failure = null
  }

  /** It is tried again after so many ms. */
  failed(error: unknown, delayMs: number): void {
    this.#fail(error, Date.now() + delayMs)
  }

  /** It stays failing until a later one gets through. */
  gaveUp(error: unknown): void {
    this.#givenUp += 1
    this.#fail(error, null)
  }

  view(waiting: number): Shown {
    const failure = this.#failure
    return {
      state: failure !== null ? 'failing' : waiting > 0 ? 'delivering' : 'idle',
      deliveredAt: this.#deliveredAtMs,
      failingSince: failure?.sinceMs ?? null,
      error: failure?.error ?? null,
      nextTryAt: failure?.nextTryAtMs ?? null,
      givenUp: this.#givenUp,
    }
  }

  #fail(error: unknown, nextTryAtMs: number | null): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#failure = { sinceMs: this.#failure?.sinceMs ?? Date.now(), error: message, nextTryAtMs }
  }
}
