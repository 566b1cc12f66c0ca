import { hostname } from 'node:os'
import { systemClock } from '../adapters/clock/system-clock.js'
import type { FunctionHandler } from '../adapters/function-host/function-context.js'
import { FunctionHost } from '../adapters/function-host/function-host.js'
import { createPinoLog } from '../adapters/log/pino-log.js'
import { createMachineMeter } from '../adapters/meter/machine-meter.js'
import { OutboxMemory } from '../adapters/outbox/outbox-memory.js'
import { nodeRandom } from '../adapters/random/node-random.js'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { createMaster, type Master } from '../master/master.js'
import type { Log } from '../ports/log.js'
import { createLeaderDialer } from '../rpc/leader-dialer.js'
import { loadWorkerConfig } from './config.js'
import { masterIdOf } from './master-config.js'
import { version } from './version.js'
import type { WorkerConfig } from './worker-config.js'
import { claimWorkerName } from './worker-name.js'

export {
  FunctionAbort,
  type FunctionContext,
  type FunctionHandler,
  type FunctionTask,
} from '../adapters/function-host/function-context.js'
export type { EffectOptions } from '../adapters/function-host/function-effects.js'

export {
  createSubmitter,
  type SubmitOptions,
  type Submitted,
  type Submitter,
  type SubmitterOptions,
  type SubmitterStatus,
} from './submitter.js'

/** What an id leaves for it beside -w and a number. */
const hostLengthMax = 55

/** Any JSON object. */
type JsonObject = Readonly<Record<string, unknown>>

export interface WorkerOptions<Payloads> {
  /** HOST:PORT of the leader's gRPC server, or several. Default AGENTFLOW_LEADERS, else those of the join file. */
  readonly leader?: string | readonly string[]
  /**
   * The leader's join file: key, leaders, certificate authority. Default AGENTFLOW_JOIN_FILE, else join.json in
   * AGENTFLOW_DATA, else in ./.agentflow.
   */
  readonly joinFile?: string
  /**
   * The leader's name of this worker. One live process may have it. Default HOST-w1, HOST-w2, …: the first that no
   * other worker of this machine has.
   */
  readonly name?: string
  /** Calls at the same time, 1 to limits.slotsMax. Default limits.slotsDefault (10). */
  readonly concurrency?: number
  /** Default none; at most limits.labelsMax. */
  readonly labels?: Readonly<Record<string, string>>
  /** Default: warnings and errors to stderr (AGENTFLOW_LOG_LEVEL and AGENTFLOW_LOG_JSON change that). */
  readonly log?: Log
  /** A function for each task type; at most limits.labelsMax. Types of programs (`command` …) cannot be taken. */
  readonly handlers: { readonly [Type in keyof Payloads]: FunctionHandler<Payloads[Type]> }
}

export interface WorkerStatus {
  /** null before it is known. */
  readonly name: string | null
  /** `connecting` also after a cut, until the next welcome. */
  readonly phase: 'connecting' | 'ready' | 'closing' | 'closed'
  /** Calls under way. */
  readonly running: number
  /** Why there is no leader; null when there is one, or nothing is known. */
  readonly reason: string | null
}

export interface Worker {
  /** Resolves at the first welcome of a leader; rejects when the worker cannot start or is closed before. */
  readonly ready: Promise<void>
  /** Resolves when `close` is done; rejects when the worker cannot start. */
  readonly closed: Promise<void>
  status(): WorkerStatus
  /**
   * Takes no more tasks, waits up to `graceMs` (default limits.workerDrainMs) for the calls under way, then aborts them
   * and waits limits.shutdownGraceMs more; what still runs then is lost, and retried as the task's policy says.
   * Resolves when the leader has every result or had its time. A second call waits for the first.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/**
 * Runs tasks as functions in this process: a master of its own, whose agents are `NAME/f1` … of kind `function`.
 * It dials its leader for ever. Throws ControlError(invalid_configuration) for options or a join file that cannot be
 * used. `Payloads` gives the payload type of each task type; it is not checked at run time.
 */
export function createWorker<
  Payloads extends Readonly<Record<keyof Payloads, object>> = Readonly<Record<string, JsonObject>>,
>(options: NoInfer<WorkerOptions<Payloads>>): Worker {
  const { handlers, log, ...settings } = options
  const functions = new Map(Object.entries(handlers) as [string, FunctionHandler][])
  for (const [type, handler] of functions) {
    if (typeof handler === 'function') continue
    throw new ControlError('invalid_configuration', `createWorker.handlers.${type}: expected a function.`)
  }
  const config = loadWorkerConfig({ ...settings, types: [...functions.keys()] })
  return new FunctionWorker(config, functions, log)
}

type Life =
  | { readonly phase: 'starting' }
  | {
      readonly phase: 'running'
      readonly name: string
      readonly master: Master
      readonly release: () => void
    }
  | { readonly phase: 'closed' }

class FunctionWorker implements Worker {
  readonly ready: Promise<void>
  readonly closed: Promise<void>
  readonly #log: Log
  readonly #started: Promise<void>
  readonly #ready = deferred()
  readonly #closed = deferred()
  #life: Life = { phase: 'starting' }
  #isClosing = false

  constructor(config: WorkerConfig, functions: ReadonlyMap<string, FunctionHandler>, log: Log | undefined) {
    const { logLevel: level, logJson: json } = config
    this.#log = log ?? createPinoLog({ name: config.name ?? 'worker', level, json })
    this.ready = this.#ready.promise
    this.closed = this.#closed.promise
    this.#started = this.#start(config, functions).catch((thrown: unknown) => this.#failed(thrown))
  }

  status(): WorkerStatus {
    const life = this.#life
    if (life.phase === 'closed') return { name: null, phase: 'closed', running: 0, reason: null }
    if (life.phase === 'starting') {
      const phase = this.#isClosing ? 'closing' : 'connecting'
      return { name: null, phase, running: 0, reason: null }
    }
    const { link, liveRuns } = life.master.status()
    const phase = this.#isClosing ? 'closing' : link.phase === 'live' ? 'ready' : 'connecting'
    return { name: life.name, phase, running: liveRuns, reason: link.reason }
  }

  close({ graceMs = limits.workerDrainMs }: { readonly graceMs?: number } = {}): Promise<void> {
    if (!this.#isClosing) void this.#close(graceMs)
    this.#isClosing = true
    return this.closed
  }

  async #start(config: WorkerConfig, functions: ReadonlyMap<string, FunctionHandler>): Promise<void> {
    const { name, release } =
      config.name === null
        ? await claimWorkerName(masterIdOf(hostname()).slice(0, hostLengthMax), nodeRandom)
        : { name: config.name, release: () => undefined }
    const master = masterOf({ config, name, functions, log: this.#log, onState: () => this.#look() })
    this.#life = { phase: 'running', name, master, release }
    await master.start()
  }

  #look(): void {
    if (this.status().phase === 'ready') this.#ready.resolve()
  }

  async #close(graceMs: number): Promise<void> {
    await this.#started
    const life = this.#life
    if (life.phase !== 'running') return
    await life.master.drain(graceMs)
    await life.master.stop(limits.shutdownGraceMs)
    life.release()
    this.#life = { phase: 'closed' }
    this.#ready.reject(new ControlError('unavailable', 'The worker was closed before it had a leader.'))
    this.#closed.resolve()
  }

  #failed(thrown: unknown): void {
    const error = fromUnknown(thrown)
    this.#log.error('the worker cannot start', { error })
    if (this.#life.phase === 'running') this.#life.release()
    this.#life = { phase: 'closed' }
    this.#ready.reject(error)
    this.#closed.reject(error)
  }
}

function masterOf(parts: {
  readonly config: WorkerConfig
  readonly name: string
  readonly functions: ReadonlyMap<string, FunctionHandler>
  readonly log: Log
  readonly onState: () => void
}): Master {
  const { config, name, functions, log, onState } = parts
  const { key: joinKey, caPem } = config.join
  return createMaster({
    nodeId: name,
    // What an earlier process of this name left is lost with it, so the time is enough to tell them apart.
    incarnation: systemClock.wallMs(),
    slots: config.concurrency,
    agentKind: 'function',
    labels: config.labels,
    projectTypes: config.types,
    leaders: config.leaders,
    url: null,
    version,
    dialer: createLeaderDialer({ joinKey, caPem, nodeId: name, log }),
    host: new FunctionHost({ handlers: functions, clock: systemClock }),
    outbox: new OutboxMemory(),
    meter: createMachineMeter({ folder: process.cwd() }),
    clock: systemClock,
    random: nodeRandom,
    text: utf8Text,
    log,
    onState,
  })
}

interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Its rejection is nobody's fault when nobody asked. */
function deferred(): Deferred {
  let settle: Pick<Deferred, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined }
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  promise.catch(() => undefined)
  return { promise, ...settle }
}
