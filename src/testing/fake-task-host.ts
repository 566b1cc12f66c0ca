import { ControlError } from '../core/errors.js'
import type { Timer } from '../ports/clock.js'
import type {
  HostEvidence,
  HostExit,
  HostRun,
  RunUsage,
  StartRun,
  StopOptions,
  TaskHost,
  TaskHostEvents,
} from '../ports/task-host.js'
import type { FakeMachine, FakeProcess } from './fake-machine.js'

const chunkBytes = 64 * 1024
const encoder = new TextEncoder()

interface Held {
  readonly process: FakeProcess
  /** Byte from which output is handed over next. */
  position: number
  handing: boolean
  generation: number
  told: { started: boolean; exit: boolean }
  stop: {
    readonly timer: Timer
    readonly killAtMs: number
    readonly onStep: StopOptions['onStep']
    readonly lostMessage: string | null
  } | null
}

/**
 * TaskHost in memory: scripted programs (see FakeMachine) driven by a clock. `crash` ends the host as a SIGKILL of its
 * master does; a new host on the same machine takes over what is left: it ends what still runs, or, if it `adopts`, lets
 * it go on as a warden does.
 */
export class FakeTaskHost implements TaskHost {
  readonly #machine: FakeMachine
  readonly #held = new Map<number, Held>()
  readonly #adopts: boolean
  #events: TaskHostEvents | null = null

  constructor(machine: FakeMachine, { adopts = false }: { readonly adopts?: boolean } = {}) {
    this.#machine = machine
    this.#adopts = adopts
  }

  /** Who hears what runs do; null before the attach and after a crash. */
  get events(): TaskHostEvents | null {
    return this.#events
  }

  async attach(events: TaskHostEvents): Promise<void> {
    this.#events = events
    this.#machine.onChange = (fence) => this.#soon(fence)
    for (const process of this.#machine.processes.values()) {
      if (process.exit === null && this.#adopts) {
        this.#adopt(process, events)
        continue
      }
      if (process.exit === null) {
        this.#machine.kill(process, 'SIGKILL')
        process.exit = { kind: 'lost', message: 'Its master ended while it ran.' }
      }
      const held = this.#hold(process)
      held.told.started = true
      const { fence } = process.start
      // A receiver that is not done at once hears the rest later.
      while (!held.told.exit && !held.handing) this.#tell(fence)
    }
  }

  /** The master is gone: nobody is told of anything any more, and the programs go on. */
  crash(): void {
    this.#events = null
    this.#machine.onChange = null
    for (const { stop } of this.#held.values()) stop?.timer.cancel()
  }

  start(run: StartRun): void {
    this.#hold(this.#machine.spawn(run))
  }

  /** The program calls `agentflow progress`. */
  report(
    fence: number,
    progress: number | null,
    text: string | null,
    partialJson: string | null = null,
  ): void {
    this.#events?.onProgress(fence, progress, text, partialJson)
  }

  inventory(): readonly HostRun[] {
    return [...this.#held.values()].map(({ process, told }) => {
      const { taskId, attempt, fence } = process.start
      const state = told.exit ? 'ended' : process.paused ? 'paused' : told.started ? 'running' : 'starting'
      const outBytes = encoder.encode(process.output).length
      return { taskId, attempt, fence, state, pid: process.pid, outBytes, errBytes: 0 }
    })
  }

  run(fence: number): HostRun | undefined {
    return this.inventory().find((run) => run.fence === fence)
  }

  async pause(fence: number): Promise<number> {
    this.#live(fence).paused = true
    return 1
  }

  async resume(fence: number): Promise<number> {
    this.#live(fence).paused = false
    return 1
  }

  stop(fence: number, options: StopOptions): void {
    const held = this.#held.get(fence)
    if (held === undefined || held.process.exit !== null) return
    const { process } = held
    const killAtMs = this.#machine.clock.monotonicMs() + options.graceMs
    if (held.stop !== null && held.stop.killAtMs <= killAtMs) return
    const onStep = held.stop?.onStep ?? options.onStep
    const isFirst = held.stop === null
    held.stop?.timer.cancel()
    process.paused = false
    const timer = this.#machine.clock.after(options.graceMs, () => {
      if (process.exit !== null) return
      onStep('kill', 1)
      this.#machine.kill(process, 'SIGKILL')
    })
    held.stop = {
      timer,
      killAtMs,
      onStep,
      lostMessage: held.stop?.lostMessage ?? options.lostMessage ?? null,
    }
    if (!isFirst) return
    onStep('term', 1)
    if (!process.script.deaf) this.#machine.kill(process, 'SIGTERM')
  }

  async usage(fence: number): Promise<RunUsage | null> {
    const process = this.#held.get(fence)?.process
    if (process === undefined || process.exit !== null) return null
    const { busy } = process.script
    const cpuMs = busy ? this.#machine.clock.monotonicMs() - process.startedAtMs : 0
    return { cpuCores: busy ? 1 : 0, cpuMs, memoryBytes: 1_000_000, processes: 1 }
  }

  async evidence(fence: number): Promise<HostEvidence | null> {
    const process = this.#held.get(fence)?.process
    if (process === undefined || process.exit !== null) return null
    const { reads, busy } = process.script
    const state = process.paused ? 'T' : busy ? 'R' : 'S'
    const own = { pid: process.pid, parentPid: 1, command: 'sim', state, cpuMs: 0, memoryBytes: 1_000_000 }
    return {
      processes: [own],
      cpuCores: busy ? 1 : 0,
      waitingFor: reads ? 'input' : 'a timer',
      waitsForInput: reads,
    }
  }

  rewind(fence: number, stream: 'out' | 'err', offset: number): void {
    const held = this.#held.get(fence)
    if (held === undefined || stream === 'err') return
    held.position = offset
    held.generation += 1
    held.handing = false
    this.#soon(fence)
  }

  release(fence: number): void {
    if (this.#held.get(fence)?.told.exit !== true) return
    this.#held.delete(fence)
    this.#machine.processes.delete(fence)
  }

  async shutdown(graceMs: number): Promise<void> {
    const live = [...this.#held].filter(([, { told }]) => !told.exit)
    for (const [fence] of live) this.stop(fence, { graceMs, onStep: () => undefined })
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (live.every(([, { told }]) => told.exit)) resolve()
        else this.#machine.clock.after(1, look)
      }
      look()
    })
  }

  #adopt(process: FakeProcess, events: TaskHostEvents): void {
    this.#hold(process).told.started = true
    const { start, pid, paused, output, startedAtMs } = process
    const { taskId, attempt, fence, terms, stdinOpen } = start
    events.onAdopted({
      taskId,
      attempt,
      fence,
      state: paused ? 'paused' : 'running',
      pid,
      outBytes: encoder.encode(output).length,
      errBytes: 0,
      terms,
      stdinOpen,
      ranMs: this.#machine.clock.monotonicMs() - startedAtMs,
      progress: null,
    })
  }

  #hold(process: FakeProcess): Held {
    const held: Held = {
      process,
      position: 0,
      handing: false,
      generation: 0,
      told: { started: false, exit: false },
      stop: null,
    }
    this.#held.set(process.start.fence, held)
    this.#soon(process.start.fence)
    return held
  }

  #soon(fence: number): void {
    this.#machine.clock.soon(() => this.#tell(fence))
  }

  /** Started, output, exit: each as soon as it can be told, in this order. */
  #tell(fence: number): void {
    const held = this.#held.get(fence)
    const events = this.#events
    if (held === undefined || events === null || held.handing) return
    const { process, told } = held
    if (!told.started && process.exit?.kind !== 'spawn_failed') {
      told.started = true
      events.onStarted(fence, process.pid)
    }
    const bytes = encoder.encode(process.output).subarray(held.position, held.position + chunkBytes)
    if (bytes.length > 0) this.#handOver(fence, held, bytes, events)
    else if (process.exit !== null && !told.exit) this.#tellExit(fence, held, process.exit, events)
  }

  #handOver(fence: number, held: Held, bytes: Uint8Array, events: TaskHostEvents): void {
    const { generation, position } = held
    held.handing = true
    held.position += bytes.length
    events.onOutput(fence, 'out', position, bytes, () => {
      if (held.generation !== generation || !held.handing) return
      held.handing = false
      this.#soon(fence)
    })
  }

  #tellExit(fence: number, held: Held, exit: HostExit, events: TaskHostEvents): void {
    held.told.exit = true
    held.stop?.timer.cancel()
    const lostMessage = held.stop?.lostMessage ?? null
    events.onExit(fence, lostMessage === null ? exit : { kind: 'lost', message: lostMessage })
  }

  #live(fence: number): FakeProcess {
    const held = this.#held.get(fence)
    if (held === undefined) throw new Error(`no run with fence ${fence} is held`)
    if (held.told.exit) throw new ControlError('wrong_phase', 'The run is ended.')
    return held.process
  }
}
