import { effectSchema } from '../../contract/effect.js'
import { parseJson } from '../../contract/json.js'
import { ControlError, fromUnknown } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Clock } from '../../ports/clock.js'
import type { RunAsk } from '../../ports/task-host.js'

/** How an effect is done. */
export interface EffectOptions {
  /**
   * Do it also when an earlier attempt began it and never said what came of it: for what is harmless twice, or looks first.
   * Default false: the call rejects with `effect_ambiguous`.
   */
  readonly again?: boolean
}

export interface FunctionEffectsOptions {
  readonly clock: Clock
  /** The run is to stop. */
  readonly isAborted: () => boolean
  /** JSON of the leader's answer; see TaskHostEvents.onAsk. */
  readonly ask: (ask: RunAsk) => Promise<string>
}

type Note = Omit<Extract<RunAsk, { kind: 'effect' }>, 'kind' | 'key'>

/** Between two tries to reach the leader, ms: the first, doubled each time up to the last. */
const retryMs = 50
const retryMsMax = 1_000
const failureCharsMax = 1_000

/** The side effects of one run: intent, act, outcome, each on the leader's disk before the next begins. */
export class FunctionEffects {
  readonly #options: FunctionEffectsOptions
  readonly #running = new Map<string, Promise<unknown>>()
  /** Begun by this run, and nobody can tell whether they happened. */
  readonly #open = new Set<string>()

  constructor(options: FunctionEffectsOptions) {
    this.#options = options
  }

  /** Of two calls with one key at a time, the second gets what the first gets. */
  effect<Value>(key: string, act: () => Value, options: EffectOptions = {}): Promise<Awaited<Value>> {
    const running = this.#running.get(key)
    if (running !== undefined) return running as Promise<Awaited<Value>>
    const made = this.#effect(key, act, options).finally(() => this.#running.delete(key))
    this.#running.set(key, made)
    return made as Promise<Awaited<Value>>
  }

  async #effect(key: string, act: () => unknown, { again = false }: EffectOptions): Promise<unknown> {
    if (this.#open.has(key) && !again) {
      const message = `this attempt began "${key}" and cannot tell whether it happened; look, and do it with again: true`
      throw new ControlError('effect_ambiguous', message)
    }
    const known = await this.#note(key, { state: 'intent', valueJson: null, again })
    if (known.state === 'done') return known.value
    this.#open.add(key)
    let valueJson: string
    try {
      valueJson = JSON.stringify((await act()) ?? null) ?? 'null'
    } catch (thrown) {
      if (!this.#mayHaveHappened(thrown)) await this.#noteFailure(key, thrown)
      throw thrown
    }
    await this.#noteDone(key, valueJson)
    this.#open.delete(key)
    return parseJson(valueJson, 'The outcome')
  }

  /** Cut off in the middle: an abort or a timeout says nothing of the other side. */
  #mayHaveHappened(thrown: unknown): boolean {
    if (this.#options.isAborted()) return true
    return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError')
  }

  /** What cannot be told stays an open intent, which is the careful reading. */
  async #noteFailure(key: string, thrown: unknown): Promise<void> {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const valueJson = JSON.stringify({ message: message.slice(0, failureCharsMax) })
    const note = { state: 'failed', valueJson, again: false } as const
    await this.#note(key, note).then(
      () => this.#open.delete(key),
      () => undefined,
    )
  }

  async #noteDone(key: string, valueJson: string): Promise<void> {
    try {
      await this.#note(key, { state: 'done', valueJson, again: false })
    } catch (thrown) {
      const { code, message } = fromUnknown(thrown)
      if (code !== 'too_large' && code !== 'invalid_request') throw thrown
      await this.#note(key, { state: 'done', valueJson: null, again: false })
      throw new RangeError(`"${key}" is done and its outcome is not kept: ${message}`)
    }
  }

  /** [EF8] Asks until the leader answers, for limits.effectAnswerMs; a repeat is the same note. */
  async #note(key: string, note: Note) {
    const { clock, ask } = this.#options
    const untilMs = clock.monotonicMs() + limits.effectAnswerMs
    for (let waitMs = retryMs; ; waitMs = Math.min(retryMsMax, 2 * waitMs)) {
      try {
        return effectSchema.parse(parseJson(await ask({ kind: 'effect', key, ...note }), 'The answer'))
      } catch (thrown) {
        const error = fromUnknown(thrown)
        if (!error.kind.retryable || clock.monotonicMs() + waitMs > untilMs) throw error
        await new Promise<void>((resolve) => clock.after(waitMs, resolve))
      }
    }
  }
}
