import { resolve as resolvePath } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { unreachable } from '../core/assert.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'
import type {
  HostEvidence,
  HostRun,
  RunUsage,
  StartRun,
  StopOptions,
  TaskHost,
  TaskHostEvents,
} from '../ports/task-host.js'
import { type Answer, Calls } from './calls.js'
import { dialWarden } from './dial.js'
import { FrameSocket } from './frame-socket.js'
import type { Frame, OutputFrame } from './frames.js'
import { adoptedOf, MasterRun } from './master-run.js'
import { processGone } from './process-gone.js'
import {
  type Held,
  type Report,
  type Request,
  reportSchema,
  type StreamName,
  wardenProtocol,
} from './protocol.js'

export interface WardenClientOptions {
  readonly socketPath: string
  readonly dataId: string
  /** What every task inherits; a task's own variables stand above it. */
  readonly environment: Readonly<Record<string, string>>
  /** Starts a warden for this socket, which comes up later. Called when none answers. */
  readonly launch: () => void
  readonly log: Log
}

/** A TaskHost whose runs outlive this process, and the leases that their owner keeps. */
export interface WardenHost extends TaskHost {
  /** A renewal of all leases, sent at this boot time, was granted. */
  renewed(sentAtBootMs: number): void
  /** Lets go of the runs: they go on for the next master. Nothing is told any more. */
  leave(): void
}

export const createWardenClient = (options: WardenClientOptions): WardenHost => new WardenClient(options)

type Welcome = Extract<Report, { kind: 'welcome' }>

type Link =
  | { readonly phase: 'down' }
  /** Connected; the welcome has not come. */
  | { readonly phase: 'greeting'; readonly welcomed: (answer: Welcome | ControlError) => void }
  | { readonly phase: 'up'; readonly frames: FrameSocket; readonly pid: number }
  /** For good. */
  | { readonly phase: 'closed' }

/**
 * The master's end of its warden. It keeps what the master must know at once (inventory, positions) and asks the warden
 * for the rest. A connection that is cut is made again; a warden that died is replaced by one that reports its runs.
 */
class WardenClient implements WardenHost {
  readonly #options: WardenClientOptions
  readonly #runs = new Map<number, MasterRun>()
  readonly #calls = new Calls((request) => this.#send(request))
  /** Released while there was no warden to tell. */
  readonly #released = new Set<number>()
  /** Ended before this master came; their ends are still to be told. */
  readonly #owedEnds = new Set<number>()
  #link: Link = { phase: 'down' }
  #events: TaskHostEvents | null = null
  readonly #reconnecting = new AbortController()
  #onEndsTold: () => void = () => undefined

  constructor(options: WardenClientOptions) {
    this.#options = options
  }

  async attach(events: TaskHostEvents): Promise<void> {
    this.#events = events
    await this.#connect(AbortSignal.timeout(2 * limits.wardenReadyMs))
    if (this.#owedEnds.size === 0) return
    await new Promise<void>((resolve) => {
      this.#onEndsTold = resolve
    })
  }

  start(run: StartRun): void {
    this.#runs.set(run.fence, MasterRun.begun(run))
    this.#send({ kind: 'start', run: sendable(run) })
  }

  inventory(): readonly HostRun[] {
    return [...this.#runs.values()].map(({ view }) => view)
  }

  run(fence: number): HostRun | undefined {
    return this.#runs.get(fence)?.view
  }

  async pause(fence: number): Promise<number> {
    const processes = await this.#signal('pause', fence)
    if (this.#runs.get(fence)?.view.state === 'running') this.#runs.get(fence)?.is({ state: 'paused' })
    return processes
  }

  async resume(fence: number): Promise<number> {
    const processes = await this.#signal('resume', fence)
    if (this.#runs.get(fence)?.view.state === 'paused') this.#runs.get(fence)?.is({ state: 'running' })
    return processes
  }

  stop(fence: number, options: StopOptions): void {
    const run = this.#runs.get(fence)
    if (run === undefined || run.hasEnded) return
    run.stop ??= options
    if (run.view.state === 'paused') run.is({ state: 'running' })
    this.#sendStop(fence, options)
  }

  async usage(fence: number): Promise<RunUsage | null> {
    if (this.#runs.get(fence)?.hasEnded !== false) return null
    const answer = await this.#calls.ask((id) => ({ kind: 'usage', id, fence }))
    return answer?.kind === 'usage' ? answer.usage : null
  }

  async evidence(fence: number): Promise<HostEvidence | null> {
    if (this.#runs.get(fence)?.hasEnded !== false) return null
    const answer = await this.#calls.ask((id) => ({ kind: 'evidence', id, fence }))
    return answer?.kind === 'evidence' ? answer.evidence : null
  }

  rewind(fence: number, stream: StreamName, offset: number): void {
    const at = this.#runs.get(fence)?.streams[stream]
    if (at === undefined) return
    at.generation += 1
    at.next = offset
    this.#send({ kind: 'rewind', fence, stream, offset, generation: at.generation })
  }

  release(fence: number): void {
    if (this.#runs.get(fence)?.hasEnded !== true) return
    this.#runs.delete(fence)
    if (this.#link.phase === 'up') this.#send({ kind: 'release', fence })
    else this.#released.add(fence)
  }

  renewed(sentAtBootMs: number): void {
    this.#send({ kind: 'renewed', sentAtBootMs })
  }

  leave(): void {
    const link = this.#link
    this.#link = { phase: 'closed' }
    this.#reconnecting.abort()
    if (link.phase === 'up') link.frames.end()
    this.#calls.cut()
  }

  async shutdown(graceMs: number): Promise<void> {
    if (this.#link.phase === 'closed' || this.#events === null) return
    const deadlineMs = performance.now() + graceMs + limits.wardenReadyMs
    let answer: Answer | null = null
    // One that dies meanwhile is followed by one that ends what it left.
    while (answer === null && performance.now() < deadlineMs) {
      answer = await this.#calls.ask((id) => ({ kind: 'shutdown', id, graceMs }))
      if (answer === null) await wait(limits.wardenRetryMs)
    }
    const pid = this.#link.phase === 'up' ? this.#link.pid : process.pid
    this.leave()
    await processGone(pid)
    if (answer === null) this.#options.log.error('the warden did not say that everything has ended', {})
  }

  /** Resolves when the warden's welcome is taken in. */
  async #connect(signal: AbortSignal): Promise<void> {
    const { socketPath, launch, dataId, environment, log } = this.#options
    for (;;) {
      const socket = await dialWarden(socketPath, launch, signal)
      const answer = await new Promise<Welcome | ControlError | null>((resolve) => {
        const timer = setTimeout(() => socket.destroy(), limits.wardenReadyMs)
        const frames: FrameSocket = new FrameSocket(socket, {
          onFrame: (frame) => this.#received(frame),
          onClosed: () => {
            resolve(null)
            clearTimeout(timer)
            this.#closed(frames)
          },
        })
        const welcomed = (said: Welcome | ControlError): void => {
          clearTimeout(timer)
          if (!(said instanceof ControlError)) this.#welcomed(frames, said)
          resolve(said)
        }
        this.#link = { phase: 'greeting', welcomed }
        frames.send(this.#hello(dataId, environment))
      })
      if (answer instanceof ControlError) throw answer
      if (answer !== null) return
      log.debug('the warden went away before it said welcome', {})
      await wait(limits.wardenRetryMs)
    }
  }

  #hello(dataId: string, environment: Readonly<Record<string, string>>): Request {
    const positions = [...this.#runs.values()].map(({ view, streams }) => ({
      fence: view.fence,
      out: streams.out.next,
      err: streams.err.next,
    }))
    return { kind: 'hello', protocol: wardenProtocol, dataId, environment, answersAsks: true, positions }
  }

  #closed(frames: FrameSocket): void {
    if (this.#link.phase === 'greeting') this.#link = { phase: 'down' }
    if (this.#link.phase !== 'up' || this.#link.frames !== frames) return
    this.#link = { phase: 'down' }
    this.#calls.cut()
    this.#options.log.warn('the connection to the warden is cut', {})
    this.#connect(this.#reconnecting.signal).catch((error: unknown) => {
      if (this.#link.phase !== 'closed') this.#options.log.error('the warden refuses this master', { error })
    })
  }

  #received(frame: Frame): void {
    if (frame.kind === 'output') {
      this.#output(frame.output)
      return
    }
    const report = reportSchema.parse(frame.value)
    if (this.#link.phase === 'greeting') {
      if (report.kind === 'welcome') this.#link.welcomed(report)
      else if (report.kind === 'refused')
        this.#link.welcomed(new ControlError('invalid_configuration', report.message))
      return
    }
    this.#take(report)
  }

  /** What the warden holds against what is known here. */
  #welcomed(frames: FrameSocket, { runs, pid }: Welcome): void {
    this.#link = { phase: 'up', frames, pid }
    this.#options.log.info('the warden is there', { pid, runs: runs.length })
    for (const run of this.#runs.values()) run.reconnected()
    const listed = new Set(runs.map(({ fence }) => fence))
    for (const held of runs) this.#meet(held)
    for (const [fence, run] of this.#runs) {
      if (listed.has(fence) || run.hasEnded) continue
      if (run.start !== null) this.#send({ kind: 'start', run: sendable(run.start) })
      else this.#exited(run, { kind: 'lost', message: 'Its warden does not hold it any more.' })
    }
  }

  #meet(held: Held): void {
    const { fence, state, pid } = held
    if (this.#released.delete(fence)) {
      this.#send({ kind: 'release', fence })
      return
    }
    const known = this.#runs.get(fence)
    if (known !== undefined) {
      if (known.hasEnded) return
      known.start = null
      if (known.view.state === 'starting' && state !== 'starting' && pid !== null) {
        known.is({ state: 'running', pid })
        this.#events?.onStarted(fence, pid)
      }
      if (known.stop !== null) this.#sendStop(fence, known.stop)
      return
    }
    this.#runs.set(fence, MasterRun.held(held))
    const adopted = adoptedOf(held)
    if (adopted === null) this.#owedEnds.add(fence)
    else this.#events?.onAdopted(adopted)
  }

  #take(report: Report): void {
    const run = 'fence' in report ? this.#runs.get(report.fence) : undefined
    switch (report.kind) {
      case 'started':
        if (run === undefined) return
        run.start = null
        run.is({ state: 'running', pid: report.pid })
        this.#events?.onStarted(report.fence, report.pid)
        return
      case 'gap': {
        const { fence, stream, from, to, generation } = report
        if (run === undefined || run.streams[stream].generation !== generation) return
        run.reached(stream, to)
        this.#events?.onOutputGap(fence, stream, from, to)
        return
      }
      case 'progress':
        this.#events?.onProgress(report.fence, report.progress, report.text, report.partialJson)
        return
      case 'ask':
        void this.#ask(report)
        return
      case 'step':
        run?.stop?.onStep(report.step, report.processes)
        return
      case 'exit':
        if (run === undefined) return
        run.is({ outBytes: report.outBytes, errBytes: report.errBytes })
        this.#exited(run, report.exit)
        return
      case 'signalled':
      case 'failed':
      case 'usage':
      case 'evidence':
      case 'shut':
        this.#calls.answered(report)
        return
      case 'welcome':
      case 'refused':
        return
      default:
        unreachable(report)
    }
  }

  /** The warden that asked is told; another one has not asked. */
  async #ask({ id, fence, ask }: Extract<Report, { kind: 'ask' }>): Promise<void> {
    const link = this.#link
    const answer = (outcome: Extract<Request, { kind: 'answer' }>['outcome']): void => {
      if (this.#link === link) this.#send({ kind: 'answer', id, outcome })
    }
    try {
      const json = await this.#events?.onAsk?.(fence, ask)
      if (json === undefined) throw new ControlError('unavailable', 'This master asks nothing for its runs.')
      answer({ ok: true, json })
    } catch (thrown) {
      const { code, message, details } = fromUnknown(thrown)
      answer({ ok: false, code, message, details: { ...details } })
    }
  }

  #output({ fence, stream, generation, offset, bytes }: OutputFrame): void {
    const run = this.#runs.get(fence)
    const link = this.#link
    // Read before a rewind that the warden had not heard of yet.
    if (run === undefined || run.streams[stream].generation !== generation) return
    run.reached(stream, offset + bytes.length)
    this.#events?.onOutput(fence, stream, offset, bytes, () => {
      if (this.#link === link) this.#send({ kind: 'done', fence, stream, generation })
    })
  }

  #exited(run: MasterRun, exit: Extract<Report, { kind: 'exit' }>['exit']): void {
    const { fence } = run.view
    const isOwed = this.#owedEnds.delete(fence)
    if (run.hasEnded && !isOwed) return
    run.start = null
    run.is({ state: 'ended' })
    this.#events?.onExit(fence, exit)
    if (isOwed && this.#owedEnds.size === 0) this.#onEndsTold()
  }

  async #signal(kind: 'pause' | 'resume', fence: number): Promise<number> {
    const answer = await this.#calls.ask((id) => ({ kind, id, fence }))
    if (answer?.kind === 'signalled') return answer.processes
    if (answer?.kind === 'failed') throw new ControlError(answer.code, answer.message)
    throw new ControlError('unavailable', 'The warden of the run is cut off.')
  }

  #sendStop(fence: number, { graceMs, lostMessage }: StopOptions): void {
    this.#send({ kind: 'stop', fence, graceMs, lostMessage: lostMessage ?? null })
  }

  /** False: there is no warden now. */
  #send(request: Request): boolean {
    if (this.#link.phase !== 'up') return false
    this.#link.frames.send(request)
    return true
  }
}

/** In the words of the protocol; a relative directory is this master's, wherever the warden was started. */
const sendable = ({ argv, cwd, ...run }: StartRun): Extract<Request, { kind: 'start' }>['run'] => ({
  ...run,
  cwd: resolvePath(cwd ?? '.'),
  argv: argv === null ? null : [...argv],
  env: { ...run.env },
})
