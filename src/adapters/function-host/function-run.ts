import { inspect } from 'node:util'
import { parseJson } from '../../contract/json.js'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Clock, Timer } from '../../ports/clock.js'
import type {
  FunctionCall,
  FunctionExit,
  HostRunState,
  StartRun,
  StopCause,
  TaskHostEvents,
} from '../../ports/task-host.js'
import { FunctionAbort, type FunctionContext, type FunctionHandler } from './function-context.js'
import { FunctionEffects } from './function-effects.js'
import { MemorySpool } from './memory-spool.js'

export interface FunctionRunOptions {
  readonly start: StartRun
  readonly call: FunctionCall
  readonly handler: FunctionHandler
  readonly clock: Clock
  readonly events: TaskHostEvents
}

/** Where a call stands. `over`: its exit is known, and told as soon as its log is handed over. */
type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'running' }
  | { readonly name: 'stopping'; readonly graceUntilMs: number; readonly timer: Timer }
  | { readonly name: 'over'; readonly exit: FunctionExit; readonly isTold: boolean }

/** One call of a handler, from its start to its exit. */
export class FunctionRun {
  readonly start: StartRun
  readonly #options: FunctionRunOptions
  /** Made when the handler asks for its signal, or when it is to stop: most do neither. */
  #abort: AbortController | null = null
  /** Made with its first effect. */
  #effects: FunctionEffects | null = null
  readonly #spool: MemorySpool
  #phase: Phase = { name: 'starting' }

  constructor(options: FunctionRunOptions) {
    const { start, events } = options
    this.start = start
    this.#options = options
    this.#spool = new MemorySpool({
      onOutput: (offset, bytes, done) => events.onOutput(start.fence, 'out', offset, bytes, done),
      onGap: (from, to) => events.onOutputGap(start.fence, 'out', from, to),
      onIdle: () => this.#tellExit(),
    })
  }

  get state(): HostRunState {
    const phase = this.#phase
    if (phase.name === 'starting') return 'starting'
    return phase.name === 'over' && phase.isTold ? 'ended' : 'running'
  }

  get outBytes(): number {
    return this.#spool.end
  }

  /** Calls the handler, unless it was stopped before. Never rejects. */
  async run(): Promise<void> {
    const { handler, events } = this.#options
    if (this.#phase.name === 'starting') {
      this.#phase = { name: 'running' }
      events.onStarted(this.start.fence, process.pid)
    }
    try {
      this.#abort?.signal.throwIfAborted()
      const value = await handler(this.#context())
      this.#over({ kind: 'returned', valueJson: resultJson(value) })
    } catch (thrown) {
      // The message alone seldom says where.
      if (thrown instanceof Error && !(thrown instanceof FunctionAbort)) this.#log(thrown.stack ?? '')
      this.#over({ kind: 'threw', message: messageOf(thrown) })
    }
  }

  /** Aborts the signal, and abandons the call after `graceMs`. True when the signal was given just now. */
  stop(cause: StopCause, graceMs: number): boolean {
    const { clock } = this.#options
    if (this.#phase.name === 'over') return false
    const graceUntilMs = clock.monotonicMs() + graceMs
    if (this.#phase.name === 'stopping') {
      if (graceUntilMs >= this.#phase.graceUntilMs) return false
      this.#phase.timer.cancel()
    }
    const timer = clock.after(graceMs, () => this.#abandon(graceMs))
    this.#phase = { name: 'stopping', graceUntilMs, timer }
    const abort = this.#aborter()
    if (abort.signal.aborted) return false
    abort.abort(new FunctionAbort(cause))
    return true
  }

  rewind(offset: number): void {
    this.#spool.rewind(offset)
  }

  #context(): FunctionContext {
    const { taskId: id, attempt, fence } = this.start
    const { type, name, payload, traceId, inputs = {} } = this.#options.call
    const aborter = (): AbortController => this.#aborter()
    return {
      task: { id, type, name, payload, attempt, fence, traceId, inputs },
      get signal() {
        return aborter().signal
      },
      progress: (fraction, text) => this.#progress(fraction, text ?? null),
      log: (text) => this.#log(text),
      effect: (key, act, options) => this.#ledger().effect(key, act, options),
      isCurrent: () => this.#isCurrent(),
    }
  }

  #ledger(): FunctionEffects {
    const { clock, events } = this.#options
    const { fence } = this.start
    this.#effects ??= new FunctionEffects({
      clock,
      isAborted: () => this.#abort?.signal.aborted === true,
      ask: async (ask) => {
        const json = await events.onAsk?.(fence, ask)
        if (json === undefined) throw new ControlError('unavailable', 'Nobody here asks the leader.')
        return json
      },
    })
    return this.#effects
  }

  #isCurrent(): boolean {
    const isOver = this.#phase.name === 'over' || this.#abort?.signal.aborted === true
    return !isOver && this.#options.events.holdsLease?.(this.start.fence) !== false
  }

  #aborter(): AbortController {
    this.#abort ??= new AbortController()
    return this.#abort
  }

  #log(text: string): void {
    if (this.#phase.name !== 'over') this.#spool.write(text.endsWith('\n') ? text : `${text}\n`)
  }

  #progress(fraction: number, text: string | null): void {
    if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`progress(${fraction}): give 0 to 1`)
    if (this.#phase.name === 'over') return
    this.#options.events.onProgress(this.start.fence, fraction, text, null)
  }

  #abandon(graceMs: number): void {
    const message = `Its function has not ended ${graceMs} ms after its abort signal and may still run.`
    this.#over({ kind: 'abandoned', message })
  }

  #over(exit: FunctionExit): void {
    if (this.#phase.name === 'over') return
    if (this.#phase.name === 'stopping') this.#phase.timer.cancel()
    this.#phase = { name: 'over', exit, isTold: false }
    if (this.#spool.isIdle) this.#tellExit()
  }

  #tellExit(): void {
    if (this.#phase.name !== 'over' || this.#phase.isTold) return
    const { exit } = this.#phase
    this.#phase = { name: 'over', exit, isTold: true }
    this.#options.events.onExit(this.start.fence, exit)
  }
}

/** null = no result. Throws what says why it cannot be one. */
function resultJson(value: unknown): string | null {
  const json = value === undefined ? undefined : JSON.stringify(value)
  if (json === undefined) return null
  if (json.length > limits.resultValueBytesMax) {
    throw new RangeError(
      `Its result has ${json.length} characters as JSON; at most ${limits.resultValueBytesMax} are taken.`,
    )
  }
  parseJson(json, 'Its result')
  return json
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return inspect(thrown).slice(0, limits.linkTextLengthMax)
  const { name, message } = thrown
  return (name === 'Error' ? message : `${name}: ${message}`).slice(0, limits.linkTextLengthMax)
}
