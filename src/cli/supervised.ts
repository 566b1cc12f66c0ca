import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'

/** The JSON that a leader or master prints when it is ready. */
export type Ready = Readonly<Record<string, unknown>>

export interface SupervisedOptions {
  readonly name: string
  /** Arguments of the program; a restart gets the first ready line, to take the same ports again. */
  readonly args: (ready: Ready | null) => readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly restarts: boolean
  readonly onChange: (change: ProcessChange) => void
}

export interface ProcessChange {
  readonly name: string
  readonly pid: number
  readonly state: 'started' | 'exited'
  /** How it ended, in words; empty when it started. */
  readonly how: string
}

type State =
  | { readonly phase: 'new' }
  | { readonly phase: 'running'; readonly child: ChildProcess; readonly sinceMs: number }
  /** It ended and comes back. */
  | { readonly phase: 'resting'; readonly timer: NodeJS.Timeout }
  | { readonly phase: 'stopped' }

const program = fileURLToPath(new URL('./main.js', import.meta.url))

/** One child process of `up`: started, watched, started again when it ends by itself. */
export class Supervised {
  readonly name: string
  readonly #options: SupervisedOptions
  #state: State = { phase: 'new' }
  #ready: Ready | null = null

  constructor(options: SupervisedOptions) {
    this.name = options.name
    this.#options = options
  }

  get pid(): number | null {
    return this.#state.phase === 'running' ? (this.#state.child.pid ?? null) : null
  }

  /** Resolves with the ready line. Rejects with ChildFailed when it ends before or is not ready in time. */
  async start(): Promise<Ready> {
    const child = this.#spawn()
    const early = once(child, 'exit').then(([code, signal]) => {
      throw new ChildFailed(this.name, typeof code === 'number' ? code : 1, endWords(code, signal))
    })
    const deadline = new AbortController()
    const late = lateAfter(limits.childReadyMs, deadline.signal).then(() => {
      throw new ChildFailed(this.name, 1, `was not ready within ${limits.childReadyMs / 1000} s`)
    })
    try {
      this.#ready = await Promise.race([readyLine(child), early, late])
      return this.#ready
    } finally {
      deadline.abort()
      // The race is over; its losers must not surface.
      early.catch(() => undefined)
      late.catch(() => undefined)
    }
  }

  /** TERM, then KILL after `graceMs`. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    const state = this.#state
    this.#state = { phase: 'stopped' }
    if (state.phase === 'resting') clearTimeout(state.timer)
    if (state.phase !== 'running' || hasEnded(state.child)) return
    const gone = once(state.child, 'exit')
    state.child.kill('SIGTERM')
    const timer = setTimeout(() => state.child.kill('SIGKILL'), graceMs)
    await gone
    clearTimeout(timer)
  }

  /** KILL, now. */
  kill(): void {
    if (this.#state.phase === 'running') this.#state.child.kill('SIGKILL')
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [program, ...this.#options.args(this.#ready), '--with-parent'], {
      env: this.#options.environment,
      // Its own group: Ctrl+C reaches only us, and we stop things in order. Its stdin closes when we die.
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin?.on('error', () => undefined)
    this.#state = { phase: 'running', child, sinceMs: performance.now() }
    child.once('error', (error) => this.#tell(0, 'exited', error.message))
    child.once('exit', (code, signal) => this.#ended(child, endWords(code, signal)))
    if (child.pid !== undefined) this.#tell(child.pid, 'started', '')
    return child
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#state.phase !== 'running') return
    const livedMs = performance.now() - this.#state.sinceMs
    this.#tell(child.pid ?? 0, 'exited', how)
    if (!this.#options.restarts || this.#ready === null) {
      this.#state = { phase: 'stopped' }
      return
    }
    const delayMs = livedMs > limits.childReadyMs ? 0 : limits.childRestartMs
    const timer = setTimeout(() => {
      // Only the first ready line is awaited; a restart that fails ends and is started again.
      this.#spawn().stdout?.resume()
    }, delayMs)
    this.#state = { phase: 'resting', timer }
  }

  #tell(pid: number, state: ProcessChange['state'], how: string): void {
    this.#options.onChange({ name: this.name, pid, state, how })
  }
}

/** A child did not come up. It said why on stderr. */
export class ChildFailed extends ControlError {
  /** What the child exited with. */
  readonly exitCode: number

  constructor(name: string, exitCode: number, how: string) {
    super('invalid_configuration', `The ${name} ${how}; its own message stands above.`)
    this.exitCode = exitCode
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const endWords = (code: unknown, signal: unknown): string =>
  typeof signal === 'string' ? `was ended by ${signal}` : `ended with exit code ${String(code)}`

function readyLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    if (child.stdout === null) return
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      const value: unknown = line.startsWith('{') ? JSON.parse(line) : null
      if (typeof value === 'object' && value !== null && 'ready' in value) resolve({ ...value })
    })
  })
}

function lateAfter(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}
