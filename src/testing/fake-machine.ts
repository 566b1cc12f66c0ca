import type { Clock, Timer } from '../ports/clock.js'
import type { HostExit, StartRun } from '../ports/task-host.js'

/**
 * What a scripted program does: `sim:lines=3:exit=7:after=50`. It prints `text` and `lines` lines `line N` at once, then
 * every `every` ms one more, and exits after `after` ms.
 */
export interface Script {
  readonly lines: number
  readonly text: string | null
  /** Ms between further lines; 0 = none. */
  readonly everyMs: number
  readonly exitCode: number
  /** Ms until it exits; null = never (`forever`). */
  readonly afterMs: number | null
  /** Ignores TERM. */
  readonly deaf: boolean
  /** Uses CPU all the time. */
  readonly busy: boolean
  /** Blocks reading its input. */
  readonly reads: boolean
  /** Does not exist. */
  readonly missing: boolean
}

/** A command that is no script exits with 0 at once. */
function scriptOf(start: Pick<StartRun, 'argv' | 'shell'>): Script {
  const text = start.shell ?? start.argv?.[0] ?? ''
  const fields = new Map(
    (text.startsWith('sim:') ? text.slice(4).split(':') : []).map((field) => {
      const [name = '', value = ''] = field.split('=')
      return [name, value]
    }),
  )
  const number = (name: string): number => Number(fields.get(name) ?? 0)
  return {
    lines: number('lines'),
    text: fields.get('text') ?? null,
    everyMs: number('every'),
    exitCode: number('exit'),
    afterMs: fields.has('forever') ? null : number('after'),
    deaf: fields.has('deaf'),
    busy: fields.has('busy'),
    reads: fields.has('reads'),
    missing: fields.has('missing'),
  }
}

/** One program on a machine: it goes on when the master that started it dies. */
export interface FakeProcess {
  readonly start: StartRun
  readonly script: Script
  readonly pid: number
  readonly startedAtMs: number
  /** Everything that it printed: the spool. */
  output: string
  paused: boolean
  endedAtMs: number | null
  exit: HostExit | null
  timers: Timer[]
}

/** What outlives a master on its machine: programs and their spools. Deterministic: all that moves it is the clock. */
export class FakeMachine {
  readonly clock: Clock
  readonly processes = new Map<number, FakeProcess>()
  /** Every start there ever was, for checkers: which run, from when to when. */
  readonly history: FakeProcess[] = []
  /** The host that is told; null while no master lives here. */
  onChange: ((fence: number) => void) | null = null
  #pid = 100

  constructor(clock: Clock) {
    this.clock = clock
  }

  spawn(start: StartRun): FakeProcess {
    this.#pid += 1
    const script = scriptOf(start)
    const process: FakeProcess = {
      start,
      script,
      pid: this.#pid,
      startedAtMs: this.clock.monotonicMs(),
      output: '',
      paused: false,
      endedAtMs: null,
      exit: null,
      timers: [],
    }
    this.processes.set(start.fence, process)
    if (script.missing) {
      process.exit = { kind: 'spawn_failed', message: 'The program does not exist.' }
      return process
    }
    this.history.push(process)
    this.#run(process)
    return process
  }

  /** Ends it by a signal; nothing when it has ended. */
  kill(process: FakeProcess, signal: string): void {
    this.#end(process, { kind: 'exited', exitCode: null, signal, valueJson: null, valueError: null })
  }

  #run(process: FakeProcess): void {
    const { script } = process
    const lines = Array.from({ length: script.lines }, (_, index) => `line ${index + 1}`)
    this.#printLines(process, [...(script.text === null ? [] : [script.text]), ...lines])
    if (script.everyMs > 0) this.#printEvery(process, script.lines)
    if (script.afterMs !== null) {
      this.#later(process, script.afterMs, () => {
        const { exitCode } = script
        this.#end(process, { kind: 'exited', exitCode, signal: null, valueJson: null, valueError: null })
      })
    }
  }

  #printEvery(process: FakeProcess, printed: number): void {
    this.#later(process, process.script.everyMs, () => {
      this.#printLines(process, [process.script.text ?? `line ${printed + 1}`])
      this.#printEvery(process, printed + 1)
    })
  }

  /** A paused program does at its end what it missed: its time stands still for nobody else. */
  #later(process: FakeProcess, delayMs: number, act: () => void): void {
    process.timers.push(
      this.clock.after(delayMs, () => {
        if (process.exit !== null) return
        if (process.paused) this.#later(process, Math.max(1, delayMs), act)
        else act()
      }),
    )
  }

  /** The program prints this text as it is. */
  print(process: FakeProcess, text: string): void {
    process.output += text
    this.onChange?.(process.start.fence)
  }

  #printLines(process: FakeProcess, lines: readonly string[]): void {
    if (lines.length > 0) this.print(process, `${lines.join('\n')}\n`)
  }

  #end(process: FakeProcess, exit: HostExit): void {
    if (process.exit !== null) return
    process.exit = exit
    process.endedAtMs = this.clock.monotonicMs()
    for (const timer of process.timers) timer.cancel()
    this.onChange?.(process.start.fence)
  }
}
