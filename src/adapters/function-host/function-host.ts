import { ControlError } from '../../core/errors.js'
import type { Clock } from '../../ports/clock.js'
import type {
  HostRun,
  RunUsage,
  StartRun,
  StopOptions,
  TaskHost,
  TaskHostEvents,
} from '../../ports/task-host.js'
import type { FunctionHandler } from './function-context.js'
import { FunctionRun } from './function-run.js'

export interface FunctionHostOptions {
  /** By task type. */
  readonly handlers: ReadonlyMap<string, FunctionHandler>
  readonly clock: Clock
}

/**
 * Runs tasks as calls of functions in this process. They share it: a call can be asked to stop and can be abandoned, but
 * neither killed, paused, nor measured by itself. Nothing outlives the process, so there are no predecessor's runs.
 */
export class FunctionHost implements TaskHost {
  readonly #handlers: ReadonlyMap<string, FunctionHandler>
  readonly #clock: Clock
  readonly #runs = new Map<number, FunctionRun>()
  #events: TaskHostEvents | null = null
  #onExit: () => void = () => undefined

  constructor({ handlers, clock }: FunctionHostOptions) {
    this.#handlers = handlers
    this.#clock = clock
  }

  async attach(events: TaskHostEvents): Promise<void> {
    this.#events = {
      onAdopted: (run) => events.onAdopted(run),
      onStarted: (fence, pid) => events.onStarted(fence, pid),
      onOutput: (...output) => events.onOutput(...output),
      onOutputGap: (...gap) => events.onOutputGap(...gap),
      onProgress: (...progress) => events.onProgress(...progress),
      holdsLease: (fence) => events.holdsLease?.(fence) ?? true,
      onAsk: (fence, ask) => events.onAsk?.(fence, ask) ?? Promise.reject(nobodyToAsk()),
      onExit: (fence, exit) => {
        events.onExit(fence, exit)
        this.#onExit()
      },
    }
  }

  start(start: StartRun): void {
    const { call, fence } = start
    const events = this.#events
    if (events === null) throw new Error('attach comes before start')
    const handler = this.#handlers.get(call?.type ?? '')
    if (call === undefined || handler === undefined) {
      const message = `The worker has no function for tasks of type "${call?.type ?? 'command'}".`
      queueMicrotask(() => events.onExit(fence, { kind: 'spawn_failed', message }))
      return
    }
    const run = new FunctionRun({ start, call, handler, clock: this.#clock, events })
    this.#runs.set(fence, run)
    // Not at once: a handler may work for a while before its first await, and more commands wait behind this one.
    queueMicrotask(() => void run.run())
  }

  inventory(): readonly HostRun[] {
    return [...this.#runs.values()].map(viewOf)
  }

  run(fence: number): HostRun | undefined {
    const run = this.#runs.get(fence)
    return run === undefined ? undefined : viewOf(run)
  }

  async pause(): Promise<number> {
    throw new ControlError('wrong_phase', 'A function cannot be paused; cancel it instead.')
  }

  async resume(): Promise<number> {
    throw new ControlError('wrong_phase', 'A function is never paused.')
  }

  stop(fence: number, options: StopOptions): void {
    const isGiven = this.#runs.get(fence)?.stop(options.cause ?? 'shutdown', options.graceMs) === true
    if (isGiven) options.onStep('abort', 1)
  }

  async usage(): Promise<RunUsage | null> {
    return null
  }

  async evidence(): Promise<null> {
    return null
  }

  rewind(fence: number, stream: 'out' | 'err', offset: number): void {
    if (stream === 'out') this.#runs.get(fence)?.rewind(offset)
  }

  release(fence: number): void {
    this.#runs.delete(fence)
  }

  /** Aborts every call; resolves when each has ended or was abandoned. */
  shutdown(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onExit = () => {
        if ([...this.#runs.values()].every(({ state }) => state === 'ended')) resolve()
      }
      for (const run of this.#runs.values()) run.stop('shutdown', graceMs)
      this.#onExit()
    })
  }
}

const nobodyToAsk = (): ControlError =>
  new ControlError('unavailable', 'There is nobody here who asks the leader.')

function viewOf({ start, state, outBytes }: FunctionRun): HostRun {
  const { taskId, attempt, fence } = start
  return { taskId, attempt, fence, state, pid: process.pid, outBytes, errBytes: 0 }
}
