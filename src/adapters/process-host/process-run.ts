import type { ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Log } from '../../ports/log.js'
import type {
  HostEvidence,
  HostExit,
  HostRun,
  RunUsage,
  StartRun,
  StopOptions,
  TaskHostEvents,
} from '../../ports/task-host.js'
import type { CgroupRoot } from './cgroup.js'
import { evidenceOf } from './evidence.js'
import { launch } from './launch.js'
import { bootId, readDescriptor } from './proc.js'
import type { ProcessTable } from './process-table.js'
import { ProcessTree, startTicksOf } from './process-tree.js'
import { readResult } from './result-file.js'
import { note, type OutputName, type RunNote, type RunRecord, runFiles, syncRecord } from './run-record.js'
import { RunSpool } from './run-spool.js'
import { codeOf } from './spawn-error.js'
import { allGone, continueAll, killAll, stopAll, terminateAll } from './tree-signals.js'
import { UsageMeter } from './usage-meter.js'

/** What every run of one host shares. */
export interface RunContext {
  readonly events: TaskHostEvents
  readonly table: ProcessTable
  readonly cgroups: CgroupRoot | null
  readonly log: Log
  readonly dataId: string
  readonly socketPath: string
  /** What every task inherits. */
  readonly environment: Readonly<Record<string, string>>
  readonly spoolBytesMax: number
}

type Life =
  | { readonly phase: 'starting' }
  | { readonly phase: 'running'; readonly pid: number }
  | { readonly phase: 'paused'; readonly pid: number }
  | {
      readonly phase: 'stopping'
      readonly pid: number
      readonly lostMessage: string | null
      deadlineMs: number
    }
  /** The tree is gone or going; its last output is handed over. */
  | { readonly phase: 'ending'; readonly pid: number | null }
  | { readonly phase: 'ended'; readonly exit: HostExit }

/** One look at the machine serves the samples of all runs, ms. */
const sampleAgeMsMax = 200

/** One run as a process tree with its spool, from spawn to release. */
export class ProcessRun {
  readonly #context: RunContext
  readonly #run: Pick<StartRun, 'taskId' | 'attempt' | 'fence'>
  readonly #folder: string
  readonly #spool: RunSpool
  readonly #usage = new UsageMeter()
  /** The run's cgroup is being made; null before, and where there are none. */
  #joining: Promise<void> | null = null
  #tree: ProcessTree
  #life: Life = { phase: 'starting' }
  #child: ChildProcess | null = null
  /** What standard input is open on, when it is held open. */
  #stdin: string | null = null
  #syncing: NodeJS.Timeout | undefined
  readonly #cutting = new Set<OutputName>()
  /** Signals to one tree never cross: each act waits for the one before. */
  #acts: Promise<unknown> = Promise.resolve()
  #onGone: () => void = () => undefined
  /** No process of the run is left; its output may still be on its way. */
  readonly gone = new Promise<void>((resolve) => {
    this.#onGone = resolve
  })

  constructor(
    context: RunContext,
    run: Pick<StartRun, 'taskId' | 'attempt' | 'fence'>,
    folder: string,
    left: RunRecord | null,
  ) {
    this.#context = context
    this.#run = run
    this.#folder = folder
    this.#tree = this.#treeOf(left?.sameBoot === true ? left.main : null)
    const group = left === null ? null : context.cgroups?.find(run.fence)
    if (group != null) this.#tree.joinGroup(group)
    this.#spool = new RunSpool({
      folder,
      base: left?.base ?? { out: 0, err: 0 },
      bytesMax: context.spoolBytesMax,
      log: context.log,
      holder: {
        onOutput: (stream, offset, bytes, done) =>
          context.events.onOutput(run.fence, stream, offset, bytes, done),
        onOutputGap: (stream, from, to) => context.events.onOutputGap(run.fence, stream, from, to),
        onFull: (stream) => this.#cut(stream),
      },
    })
  }

  get view(): HostRun {
    const { taskId, attempt, fence } = this.#run
    const { outBytes, errBytes } = this.#spool
    const life = this.#life
    const state =
      life.phase === 'ended' || life.phase === 'ending'
        ? 'ended'
        : life.phase === 'stopping'
          ? 'running'
          : life.phase
    const pid = 'pid' in life ? life.pid : null
    return { taskId, attempt, fence, state, pid, outBytes, errBytes }
  }

  get hasEnded(): boolean {
    return this.#life.phase === 'ended'
  }

  /** Spawns. What fails is told by onExit, never thrown. */
  start(start: StartRun): void {
    const failed = (message: string): void => void this.#end({ kind: 'spawn_failed', message })
    try {
      this.#prepare()
    } catch (cause) {
      this.#context.log.error('a run has no room on disk', { fence: start.fence, error: cause })
      failed(`The folder for the run's output cannot be made (${codeOf(cause) ?? 'unknown reason'}).`)
      return
    }
    launch(
      start,
      { ...this.#context, folder: this.#folder },
      {
        failed,
        started: (child, pid) => this.#started(child, pid, start),
      },
    )
  }

  /** Ends what a dead predecessor left running, or repeats the end that it had seen. */
  async takeOver(left: RunRecord): Promise<void> {
    const survivors = left.exit === null && left.sameBoot ? this.#tree.members().length : 0
    if (left.exit === null) await this.#killRest()
    await this.#end(left.exit ?? { kind: 'lost', message: lostMessage(left.sameBoot, survivors) })
  }

  pause(): Promise<number> {
    return this.#act(async () => {
      const { pid } = this.#alive('running', 'paused')
      const stopped = await stopAll(this.#tree)
      if (stopped === null || stopped.length === 0) {
        continueAll(this.#tree)
        throw new ControlError(
          'unprocessable',
          stopped === null
            ? 'A process of the run did not stop in time; all of them go on.'
            : 'No process of the run is left.',
        )
      }
      if (this.#life.phase === 'running') this.#life = { phase: 'paused', pid }
      return stopped.length
    })
  }

  resume(): Promise<number> {
    return this.#act(async () => {
      const { pid } = this.#alive('running', 'paused')
      const members = continueAll(this.#tree)
      if (this.#life.phase === 'paused') this.#life = { phase: 'running', pid }
      return members.length
    })
  }

  /** A second call can only bring the kill forward. */
  stop({ graceMs, onStep, lostMessage }: StopOptions): void {
    const deadlineMs = performance.now() + graceMs
    const life = this.#life
    if (life.phase === 'stopping') {
      life.deadlineMs = Math.min(life.deadlineMs, deadlineMs)
      return
    }
    if (life.phase !== 'running' && life.phase !== 'paused') return
    const stopping = {
      phase: 'stopping' as const,
      pid: life.pid,
      lostMessage: lostMessage ?? null,
      deadlineMs,
    }
    this.#life = stopping
    void this.#act(async () => {
      onStep('term', terminateAll(this.#tree))
      if (await allGone(this.#tree, () => stopping.deadlineMs)) return
      onStep('kill', this.#tree.members().length)
      await this.#killRest()
    })
  }

  usage(): RunUsage | null {
    if (this.#life.phase === 'ended') return null
    this.#spool.poke()
    const snapshot = this.#context.table.recent(sampleAgeMsMax)
    const stats = this.#tree.statsIn(snapshot)
    this.#joining ??= this.#joinGroup(stats.map(({ pid }) => pid))
    return this.#usage.take(stats, snapshot.takenAtMs)
  }

  evidence(): HostEvidence | null {
    if (this.#life.phase === 'ended') return null
    const snapshot = this.#context.table.recent(sampleAgeMsMax)
    const stats = this.#tree.statsIn(snapshot)
    return evidenceOf(stats, this.#usage.take(stats, snapshot.takenAtMs).cpuCores, this.#stdin)
  }

  seek(stream: OutputName, offset: number): void {
    this.#spool.seek(stream, offset)
  }

  /** Forgets the run: only when it has ended. */
  release(): void {
    clearTimeout(this.#syncing)
    this.#spool.remove()
  }

  /** Keeps what is on disk for a successor. */
  close(): void {
    clearTimeout(this.#syncing)
    this.#spool.close()
  }

  #prepare(): void {
    const { taskId, attempt, fence } = this.#run
    const files = runFiles(this.#folder)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    note(this.#folder, { note: 'run', taskId, attempt, fence, bootId })
    for (const path of [files.out, files.err]) closeSync(openSync(path, 'a', 0o600))
    this.#spool.follow()
  }

  #started(child: ChildProcess, pid: number, start: StartRun): void {
    const startTicks = startTicksOf(pid)
    this.#note({ note: 'started', pid, startTicks })
    this.#tree = this.#treeOf({ pid, startTicks })
    this.#child = child
    this.#life = { phase: 'running', pid }
    // A task that reads no input, or ends first, breaks its pipe; that is its own affair.
    child.stdin?.on('error', () => child.stdin?.destroy())
    if (start.stdinOpen) {
      this.#stdin = readDescriptor(pid, 0)
      child.stdin?.write(start.stdin ?? '')
    } else {
      child.stdin?.end(start.stdin ?? '')
    }
    child.once('spawn', () => this.#context.events.onStarted(this.#run.fence, pid))
    child.once('exit', (exitCode, signal) => void this.#mainEnded(exitCode, signal))
  }

  async #mainEnded(exitCode: number | null, signal: string | null): Promise<void> {
    this.#tree.mainEnded()
    this.#child?.stdin?.destroy()
    // Whoever was told to stop has its grace, though its parent is gone.
    await this.#act(() => this.#killRest())
    const result = readResult(runFiles(this.#folder).result)
    const lostMessage = this.#life.phase === 'stopping' ? this.#life.lostMessage : null
    await this.#end(
      lostMessage === null
        ? { kind: 'exited', exitCode, signal, ...result }
        : { kind: 'lost', message: lostMessage },
    )
  }

  async #end(exit: HostExit): Promise<void> {
    const pid = 'pid' in this.#life ? this.#life.pid : null
    this.#life = { phase: 'ending', pid }
    await this.#joining
    this.#tree.leaveGroup()
    this.#onGone()
    // Before it is told: a successor must tell the same end, not `lost`.
    this.#note({ note: 'exit', exit })
    await this.#spool.finish()
    this.#life = { phase: 'ended', exit }
    this.#syncSoon()
    this.#context.events.onExit(this.#run.fence, exit)
  }

  /** A run goes on when the disk is full: its marks in the environment are found without a record. */
  #note(entry: RunNote): void {
    try {
      note(this.#folder, entry)
    } catch (error) {
      this.#context.log.warn('a run could not be noted on disk', { fence: this.#run.fence, error })
    }
  }

  /** An end that is not released by then outlives a power cut. */
  #syncSoon(): void {
    this.#syncing = setTimeout(() => {
      syncRecord(this.#folder).catch((error: unknown) =>
        this.#context.log.warn('the end of a run could not be synced', { fence: this.#run.fence, error }),
      )
    }, limits.exitSyncMs)
  }

  async #killRest(): Promise<void> {
    const left = await killAll(this.#tree)
    if (left.length === 0) return
    this.#context.log.error('processes of a run could not be killed', {
      fence: this.#run.fence,
      pids: left.map(({ pid }) => pid),
    })
  }

  /** Writers are stopped, so that no byte is written between the look and the cut. */
  #cut(stream: OutputName): void {
    if (this.#cutting.has(stream)) return
    this.#cutting.add(stream)
    void this.#act(async () => {
      const { phase } = this.#life
      if (phase !== 'ending' && phase !== 'ended' && (await stopAll(this.#tree)) !== null)
        this.#spool.cut(stream)
    }).finally(() => {
      this.#cutting.delete(stream)
      if (this.#life.phase !== 'paused') continueAll(this.#tree)
    })
  }

  #act<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#acts.then(act)
    this.#acts = done.catch(() => undefined)
    return done
  }

  #alive<P extends Life['phase']>(...phases: readonly P[]): Extract<Life, { phase: P }> {
    const life = this.#life
    const isOne = (one: Life): one is Extract<Life, { phase: P }> =>
      phases.some((phase) => phase === one.phase)
    if (isOne(life)) return life
    throw new ControlError('wrong_phase', `The run is ${life.phase}.`)
  }

  /** At the first look at its usage: what is over within a second is not worth a cgroup. */
  async #joinGroup(pids: readonly number[]): Promise<void> {
    const group = await this.#context.cgroups?.join(this.#run.fence, pids)
    if (group != null) this.#tree.joinGroup(group)
  }

  #treeOf(main: RunRecord['main']): ProcessTree {
    return new ProcessTree({ table: this.#context.table, fence: this.#run.fence, main })
  }
}

function lostMessage(sameBoot: boolean, survivors: number): string {
  if (!sameBoot) return 'The machine was restarted while it ran.'
  return survivors === 0
    ? 'Its warden ended while it ran; nobody saw how it ended.'
    : `Its warden ended while it ran; what was left of it (${survivors} processes) was stopped.`
}
