import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { History } from './history.js'

const program = resolve('dist/cli/main.js')
/** A process that is not ready by then fails the test: far above what a busy machine needs. */
const readyMsMax = 60_000
const restartMs = 500

export interface ChaosProcessOptions {
  readonly name: string
  readonly args: readonly string[]
  /** Its log is appended to this file. */
  readonly logPath: string
  readonly history: History
}

/** One process of ours: started, killed, stopped, continued and started again by whoever makes the faults. */
export class ChaosProcess {
  readonly name: string
  readonly #options: ChaosProcessOptions
  #child: ChildProcess | null = null
  #isAsked = false

  constructor(options: ChaosProcessOptions) {
    this.name = options.name
    this.#options = options
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /** Resolves with its ready line. */
  async start(): Promise<Readonly<Record<string, unknown>>> {
    const { name, args, logPath, history } = this.#options
    const log = openSync(logPath, 'a')
    // Its standard input is ours: when this process dies, it ends by itself.
    const child = spawn(process.execPath, [program, ...args, '--with-parent'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ['pipe', 'pipe', log],
    })
    closeSync(log)
    const pid = child.pid ?? -1
    this.#child = child
    this.#isAsked = false
    child.stdin?.on('error', () => undefined)
    history.write({ type: 'process', name, pid, state: 'started', how: '', asked: true })
    const ended = once(child, 'exit').then(([code, signal]) => {
      const how = signal === null ? `exit code ${code}` : String(signal)
      history.write({ type: 'process', name, pid, state: 'ended', how, asked: this.#isAsked })
      this.#child = null
      if (!this.#isAsked) this.#startAgain()
      throw new Error(`${name} ended before it was ready: ${how}; see ${logPath}`)
    })
    // Later ends are in the history: whoever needs one waits for it.
    ended.catch(() => undefined)
    if (child.stdout === null) throw new Error('no stdout')
    const first = once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(readyMsMax),
    })
    const [line] = await Promise.race([first, ended])
    return JSON.parse(String(line)) as Record<string, unknown>
  }

  /** It ended by itself, which the history says: the others are to go on. */
  #startAgain(): void {
    setTimeout(() => {
      this.start().catch(() => undefined)
    }, restartMs)
  }

  /** A signal that leaves it there: SIGSTOP, SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  /** Ends it and resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#isAsked = true
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
}
