import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseJson } from '../../contract/json.js'
import { type FenceState, fenceAnswerSchema } from '../../contract/progress.js'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Log } from '../../ports/log.js'
import type {
  HostEvidence,
  HostRun,
  RunAsk,
  RunUsage,
  StartRun,
  StopOptions,
  TaskHost,
  TaskHostEvents,
} from '../../ports/task-host.js'
import { CgroupRoot } from './cgroup.js'
import { ProcessRun, type RunContext } from './process-run.js'
import { ProcessTable } from './process-table.js'
import { ProgressSocket } from './progress-socket.js'
import { type RunRecord, readRecord } from './run-record.js'

export interface ProcessHostOptions {
  /** Folder of this host alone; it keeps `runs/<fence>/` in it. */
  readonly dataDir: string
  /** Names the data directory in the environment of every task (AGENTFLOW_DATA_ID). */
  readonly dataId: string
  /** What every task inherits; a task's own variables and ours stand above it. */
  readonly environment: Readonly<Record<string, string>>
  readonly log: Log
  /** Bytes of one output file before it is cut. Default limits.spoolBytesMax. */
  readonly spoolBytesMax?: number
  /** Use cgroups where they can be made. Default true. */
  readonly useCgroups?: boolean
}

/** After the last process is gone: how long a shutdown waits for output to be taken, ms. */
const outputWaitMs = 1_000

/**
 * Runs tasks as child processes, each in its own session, its output in append-only files. On Linux a run is its whole
 * process tree (see ProcessTree); elsewhere its process group, without evidence. Not for two hosts on one folder.
 */
export const createProcessHost = (options: ProcessHostOptions): TaskHost => new ProcessHost(options)

class ProcessHost implements TaskHost {
  readonly #options: ProcessHostOptions
  readonly #folder: string
  readonly #runs = new Map<number, ProcessRun>()
  readonly #socket: ProgressSocket
  readonly #cgroups: CgroupRoot | null
  #context: RunContext | null = null
  #closing = false

  constructor(options: ProcessHostOptions) {
    this.#options = options
    this.#folder = join(options.dataDir, 'runs')
    this.#cgroups = options.useCgroups === false ? null : CgroupRoot.open(options.dataId)
    this.#socket = new ProgressSocket(options.dataDir, options.dataId, {
      onReport: ({ fence, progress, text, partialJson }) => {
        const run = this.#runs.get(fence)
        if (run === undefined || run.hasEnded) return `This master holds no live run with fence ${fence}.`
        this.#context?.events.onProgress(fence, progress, text, partialJson)
        return null
      },
      onCheck: (fence) => this.#check(fence),
      onEffect: (fence, effect) => this.#ask(fence, effect),
    })
  }

  async attach(events: TaskHostEvents): Promise<void> {
    const { dataId, environment, log, spoolBytesMax } = this.#options
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    await this.#socket.open()
    this.#context = {
      events,
      table: new ProcessTable(dataId),
      cgroups: this.#cgroups,
      log,
      dataId,
      socketPath: this.#socket.path,
      environment,
      spoolBytesMax: spoolBytesMax ?? limits.spoolBytesMax,
    }
    await Promise.all(this.#leftRuns().map((left) => this.#takeOver(left)))
    this.#cgroups?.clear((fence) => this.#runs.has(fence))
  }

  start(run: StartRun): void {
    const context = this.#ready()
    if (this.#closing) {
      context.events.onExit(run.fence, { kind: 'spawn_failed', message: 'This master is stopping.' })
      return
    }
    const folder = this.#folderOf(run.fence)
    const held = new ProcessRun(context, run, folder, null)
    this.#runs.set(run.fence, held)
    held.start(run)
  }

  inventory(): readonly HostRun[] {
    return [...this.#runs.values()].map((run) => run.view)
  }

  run(fence: number): HostRun | undefined {
    return this.#runs.get(fence)?.view
  }

  async pause(fence: number): Promise<number> {
    return this.#held(fence).pause()
  }

  async resume(fence: number): Promise<number> {
    return this.#held(fence).resume()
  }

  stop(fence: number, options: StopOptions): void {
    this.#runs.get(fence)?.stop(options)
  }

  async usage(fence: number): Promise<RunUsage | null> {
    return this.#runs.get(fence)?.usage() ?? null
  }

  async evidence(fence: number): Promise<HostEvidence | null> {
    return this.#runs.get(fence)?.evidence() ?? null
  }

  rewind(fence: number, stream: 'out' | 'err', offset: number): void {
    this.#runs.get(fence)?.seek(stream, offset)
  }

  release(fence: number): void {
    const run = this.#runs.get(fence)
    if (run === undefined || !run.hasEnded) return
    this.#runs.delete(fence)
    run.release()
  }

  async shutdown(graceMs: number): Promise<void> {
    this.#closing = true
    const live = [...this.#runs.values()].filter((run) => !run.hasEnded)
    for (const run of live) run.stop({ graceMs, onStep: () => undefined })
    await Promise.all(live.map((run) => run.gone))
    const deadline = performance.now() + outputWaitMs
    while (live.some((run) => !run.hasEnded) && performance.now() < deadline) await wait(5)
    for (const run of this.#runs.values()) run.close()
    await this.#socket.close()
    this.#cgroups?.remove()
  }

  #takeOver(left: RunRecord): Promise<void> {
    const run = new ProcessRun(this.#ready(), left, this.#folderOf(left.fence), left)
    this.#runs.set(left.fence, run)
    return run.takeOver(left)
  }

  /** Runs that have a record; a folder without one never came to a start. */
  #leftRuns(): readonly RunRecord[] {
    return readdirSync(this.#folder).flatMap((name) => {
      const folder = join(this.#folder, name)
      const record = readRecord(folder)
      if (record === null) rmSync(folder, { recursive: true, force: true })
      return record === null ? [] : [record]
    })
  }

  #folderOf(fence: number): string {
    return join(this.#folder, String(fence))
  }

  /** [FC1] Here, while the lease holds; the leader knows what came after it. */
  async #check(fence: number): Promise<FenceState> {
    const run = this.#runs.get(fence)
    if (run === undefined || run.hasEnded) return 'stale'
    if (this.#context?.events.holdsLease?.(fence) !== false) return 'current'
    try {
      const answer = parseJson(await this.#ask(fence, { kind: 'fence' }), 'The answer')
      return fenceAnswerSchema.parse(answer).fence
    } catch {
      return 'unknown'
    }
  }

  async #ask(fence: number, ask: RunAsk): Promise<string> {
    const run = this.#runs.get(fence)
    if (run === undefined || run.hasEnded) {
      throw new ControlError('stale_fence', `This master holds no live run with fence ${fence}.`)
    }
    const json = await this.#context?.events.onAsk?.(fence, ask)
    if (json === undefined) throw new ControlError('unavailable', 'There is nobody here who asks the leader.')
    return json
  }

  #ready(): RunContext {
    if (this.#context === null) throw new Error('attach comes before start')
    return this.#context
  }

  #held(fence: number): ProcessRun {
    const run = this.#runs.get(fence)
    if (run === undefined) throw new Error(`no run with fence ${fence} is held`)
    return run
  }
}
