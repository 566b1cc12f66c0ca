import { unreachable } from '../core/assert.js'
import { fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type { AdoptedRun, HostExit, HostRun, RunAsk, TaskHost, TaskHostEvents } from '../ports/task-host.js'
import { Asks } from './asks.js'
import type { OutputFrame } from './frames.js'
import { LeaseDeadlines } from './lease-deadlines.js'
import { type Report, type Request, type StreamName, wardenProtocol } from './protocol.js'
import { WardenRun } from './warden-run.js'

/** The warden's end of one connection. */
export interface MasterChannel {
  send(report: Report): void
  output(frame: OutputFrame): void
  close(): void
}

export interface WardenOptions {
  readonly host: TaskHost
  readonly dataId: string
  /** Its own process. */
  readonly pid: number
  readonly clock: Clock
  readonly log: Log
  /** Nothing is left to do: the process ends. No descendant is left. */
  readonly onEnd: () => void
}

type Hello = Extract<Request, { kind: 'hello' }>

const streams = ['out', 'err'] as const

const leaseMessage = 'Its lease ran out: no leader renewed it in time, so its processes were ended.'

/**
 * Owns the runs of one master across that master's restarts. While no master is there, output is looked at and let go
 * (it stays in the spool), ends are kept, and leases are held to their deadlines. One master at a time.
 */
export class Warden implements TaskHostEvents {
  readonly #options: WardenOptions
  readonly #runs = new Map<number, WardenRun>()
  readonly #leases: LeaseDeadlines
  readonly #asks: Asks
  #master: { readonly channel: MasterChannel; readonly hello: Hello } | null = null
  /** Said hello while the one before is not gone yet. */
  #next: { readonly channel: MasterChannel; readonly hello: Hello; readonly timer: Timer } | null = null
  #idle: Timer | null = null
  #life: 'open' | 'ending' = 'open'

  constructor(options: WardenOptions) {
    this.#options = options
    this.#asks = new Asks(options.clock)
    this.#leases = new LeaseDeadlines(options.clock, (fence, graceMs) => {
      options.log.warn('the lease of a run ran out', { fence })
      options.host.stop(fence, { graceMs, onStep: () => undefined, lostMessage: leaseMessage })
    })
  }

  /** Takes over what a dead predecessor left. Masters may come when it resolves. */
  async start(): Promise<void> {
    await this.#options.host.attach(this)
    this.#lookIfIdle()
  }

  /** Ends every run and then itself. A second call does nothing. */
  async end(graceMs: number): Promise<void> {
    if (this.#life === 'ending') return
    this.#life = 'ending'
    this.#idle?.cancel()
    this.#leases.close()
    await this.#options.host.shutdown(graceMs)
  }

  holdsLease(fence: number): boolean {
    return this.#leases.holds(fence)
  }

  receive(channel: MasterChannel, request: Request): void {
    if (request.kind === 'hello') this.#hello(channel, request)
    else if (this.#master?.channel === channel) this.#handle(channel, request)
  }

  closed(channel: MasterChannel): void {
    if (this.#next?.channel === channel) {
      this.#next.timer.cancel()
      this.#next = null
    }
    if (this.#master?.channel !== channel) return
    this.#master = null
    this.#asks.cut()
    for (const run of this.#runs.values()) run.letGo()
    const next = this.#next
    this.#next = null
    next?.timer.cancel()
    if (next !== null) this.#welcome(next.channel, next.hello)
    this.#lookIfIdle()
  }

  onAdopted(run: AdoptedRun): void {
    this.#runs.set(run.fence, new WardenRun(run.fence, run.terms, run.stdinOpen))
  }

  onStarted(fence: number, pid: number): void {
    this.#run(fence).runs(this.#options.clock.monotonicMs())
    this.#master?.channel.send({ kind: 'started', fence, pid })
  }

  onOutput(fence: number, stream: StreamName, offset: number, bytes: Uint8Array, done: () => void): void {
    if (this.#master === null) {
      done()
      return
    }
    const at = this.#run(fence).streams[stream]
    at.done = () => {
      at.shown = Math.max(at.shown, offset + bytes.length)
      done()
    }
    this.#master.channel.output({ fence, stream, generation: at.generation, offset, bytes })
  }

  onOutputGap(fence: number, stream: StreamName, from: number, to: number): void {
    const run = this.#run(fence)
    const at = run.streams[stream]
    at.shown = Math.max(at.shown, to)
    this.#master?.channel.send({ kind: 'gap', fence, stream, generation: at.generation, from, to })
    this.#tellExit(run)
  }

  onProgress(fence: number, progress: number | null, text: string | null, partialJson: string | null): void {
    const run = this.#run(fence)
    run.progress = {
      value: progress ?? run.progress?.value ?? null,
      text: text ?? run.progress?.text ?? null,
    }
    this.#master?.channel.send({ kind: 'progress', fence, progress, text, partialJson })
  }

  onAsk(fence: number, ask: RunAsk): Promise<string> {
    const { channel, hello } = this.#master ?? {}
    return this.#asks.ask(fence, ask, hello?.answersAsks === true ? (report) => channel?.send(report) : null)
  }

  onExit(fence: number, exit: HostExit): void {
    const run = this.#run(fence)
    this.#leases.drop(fence)
    run.rests(this.#options.clock.monotonicMs())
    run.exit = exit
    const view = this.#view(fence)
    if (this.#master !== null && view !== undefined) this.#sendExit(run, exit, view)
    this.#lookIfIdle()
  }

  #hello(channel: MasterChannel, hello: Hello): void {
    const { dataId, clock } = this.#options
    const refusal =
      hello.protocol !== wardenProtocol
        ? `The warden (process ${this.#options.pid}) speaks version ${wardenProtocol} of its protocol and this master version ${hello.protocol}; end its runs with the release that started them.`
        : hello.dataId !== dataId
          ? 'The warden belongs to another data directory.'
          : this.#life === 'ending' || this.#next !== null
            ? 'The warden is ending, or another master is waiting for it.'
            : null
    if (refusal !== null) {
      channel.send({ kind: 'refused', message: refusal })
      channel.close()
    } else if (this.#master === null) {
      this.#welcome(channel, hello)
    } else {
      // A dead master's last requests are still on their way; one that hangs is cut off.
      const { channel: before } = this.#master
      const timer = clock.after(limits.wardenHandOverMs, () => before.close())
      this.#next = { channel, hello, timer }
    }
  }

  #welcome(channel: MasterChannel, hello: Hello): void {
    const { host, clock, pid } = this.#options
    this.#idle?.cancel()
    this.#master = { channel, hello }
    const views = host.inventory()
    const nowMs = clock.monotonicMs()
    channel.send({
      kind: 'welcome',
      protocol: wardenProtocol,
      pid,
      runs: views.map((view) => this.#run(view.fence).held(view, nowMs)),
    })
    const positions = new Map(hello.positions.map((position) => [position.fence, position]))
    for (const view of views) {
      const run = this.#run(view.fence)
      const sizes = { out: view.outBytes, err: view.errBytes }
      for (const stream of streams) {
        const from =
          positions.get(view.fence)?.[stream] ?? Math.max(0, sizes[stream] - limits.wardenLookBackBytes)
        run.streams[stream].shown = from
        host.rewind(view.fence, stream, from)
      }
      this.#tellExit(run)
    }
  }

  #handle(channel: MasterChannel, request: Exclude<Request, Hello>): void {
    const { host, clock } = this.#options
    switch (request.kind) {
      case 'start':
        this.#start(request)
        return
      case 'pause':
      case 'resume':
        void this.#signal(channel, request)
        return
      case 'stop': {
        const { fence, graceMs, lostMessage } = request
        const onStep = (step: 'term' | 'kill' | 'abort', processes: number): void =>
          this.#master?.channel.send({ kind: 'step', fence, step, processes })
        this.#runs.get(fence)?.rests(clock.monotonicMs())
        host.stop(fence, { graceMs, onStep, ...(lostMessage === null ? {} : { lostMessage }) })
        return
      }
      case 'usage':
        void host.usage(request.fence).then((usage) => channel.send({ kind: 'usage', id: request.id, usage }))
        return
      case 'evidence':
        void host.evidence(request.fence).then((seen) => {
          const evidence = seen === null ? null : { ...seen, processes: [...seen.processes] }
          channel.send({ kind: 'evidence', id: request.id, evidence })
        })
        return
      case 'rewind':
        this.#rewind(request)
        return
      case 'done':
        this.#done(request)
        return
      case 'release':
        this.#runs.delete(request.fence)
        host.release(request.fence)
        return
      case 'answer':
        this.#asks.answered(request.id, request.outcome)
        return
      case 'renewed':
        this.#leases.renewed(request.sentAtBootMs)
        return
      case 'shutdown':
        void this.end(request.graceMs).then(() => {
          channel.send({ kind: 'shut', id: request.id })
          this.#options.onEnd()
        })
        return
      default:
        unreachable(request)
    }
  }

  #start({ run }: Extract<Request, { kind: 'start' }>): void {
    if (this.#runs.has(run.fence) || this.#master === null) return
    const { terms, stdinOpen, fence } = run
    this.#runs.set(fence, new WardenRun(fence, terms, stdinOpen))
    this.#leases.hold(fence, terms)
    this.#options.host.start({ ...run, env: { ...this.#master.hello.environment, ...run.env } })
  }

  async #signal(
    channel: MasterChannel,
    { kind, id, fence }: Extract<Request, { kind: 'pause' | 'resume' }>,
  ): Promise<void> {
    const { host, clock } = this.#options
    try {
      const processes = await host[kind](fence)
      const run = this.#runs.get(fence)
      if (kind === 'pause') run?.rests(clock.monotonicMs())
      else run?.runs(clock.monotonicMs())
      channel.send({ kind: 'signalled', id, processes })
    } catch (thrown) {
      const { code, message } = fromUnknown(thrown)
      channel.send({ kind: 'failed', id, code, message })
    }
  }

  #rewind({ fence, stream, offset, generation }: Extract<Request, { kind: 'rewind' }>): void {
    const run = this.#runs.get(fence)
    if (run === undefined) return
    Object.assign(run.streams[stream], { generation, shown: offset, done: null })
    this.#options.host.rewind(fence, stream, offset)
  }

  #done({ fence, stream, generation }: Extract<Request, { kind: 'done' }>): void {
    const run = this.#runs.get(fence)
    const at = run?.streams[stream]
    if (run === undefined || at === undefined || at.generation !== generation) return
    const { done } = at
    at.done = null
    done?.()
    this.#tellExit(run)
  }

  /** An end that was seen before this master came is told once it has the output. */
  #tellExit(run: WardenRun): void {
    if (this.#master === null || run.exit === null || run.isExitTold) return
    const view = this.#view(run.fence)
    if (view !== undefined && run.hasShown(view)) this.#sendExit(run, run.exit, view)
  }

  #sendExit(run: WardenRun, exit: HostExit, { outBytes, errBytes }: HostRun): void {
    run.isExitTold = true
    this.#master?.channel.send({ kind: 'exit', fence: run.fence, exit, outBytes, errBytes })
  }

  #view(fence: number): HostRun | undefined {
    return this.#options.host.run(fence)
  }

  /** Of a run that a predecessor left, nothing else is known. */
  #run(fence: number): WardenRun {
    let run = this.#runs.get(fence)
    if (run === undefined) {
      run = new WardenRun(fence, null, false)
      this.#runs.set(fence, run)
    }
    return run
  }

  /** [WD4] No master and nothing that runs: it ends itself after a while; what ended waits on disk. */
  #lookIfIdle(): void {
    this.#idle?.cancel()
    this.#idle = null
    const isIdle = (): boolean =>
      this.#master === null && this.#options.host.inventory().every(({ state }) => state === 'ended')
    if (this.#life === 'ending' || !isIdle()) return
    this.#idle = this.#options.clock.after(limits.wardenIdleMs, () => {
      if (isIdle()) void this.end(0).then(this.#options.onEnd)
    })
  }
}
