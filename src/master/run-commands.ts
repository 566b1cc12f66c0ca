import { fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { ReceiptState } from '../core/receipts/receipt.js'
import type { Clock } from '../ports/clock.js'
import type { ControlSignal } from '../ports/node-link.js'
import type { TaskHost } from '../ports/task-host.js'
import type { Uplink } from './uplink.js'

/** What commands act on. */
export interface CommandedRun {
  readonly phase: 'starting' | 'running' | 'paused' | 'stopping' | 'ended'
  /** How it ended, in words. */
  readonly endWords: string
  /** Every process reads `T`. */
  paused(): void
  /** Every process goes on. */
  resumed(): void
  cancel(): void
}

export interface RunCommandsOptions {
  readonly fence: number
  readonly run: CommandedRun
  readonly host: TaskHost
  readonly canPause: boolean
  readonly uplink: Uplink
  readonly clock: Clock
}

/** Tells one step of one command. */
type Receipt = (state: Exclude<ReceiptState, 'sent' | 'expired'>, detail: string) => void

/**
 * The commands on one run, each step told by its receipt [RC1]. Pauses and resumes wait for each other, at most
 * limits.runCommandsMax; a cancel waits for nobody.
 */
export class RunCommands {
  readonly #options: RunCommandsOptions
  readonly #waiting: { readonly receipt: Receipt; readonly act: () => Promise<void> }[] = []
  #acting = false
  /** Cancels that wait for the end. */
  readonly #cancels: { readonly receipt: Receipt; killed: boolean }[] = []

  constructor(options: RunCommandsOptions) {
    this.#options = options
  }

  control(signal: ControlSignal): void {
    const { run, clock, canPause } = this.#options
    const receipt = this.#receiptOf(signal.commandId)
    receipt('received', '')
    if (run.phase === 'ended') {
      receipt('refused', `The run has already ended: ${run.endWords}`)
      return
    }
    if (signal.deadlineMs > 0 && clock.wallMs() > signal.deadlineMs) {
      receipt('refused', 'Its deadline passed before it could begin.')
      return
    }
    if (signal.action === 'pause' && !canPause) {
      receipt('refused', 'A function cannot be paused; cancel it instead.')
      return
    }
    switch (signal.action) {
      case 'cancel':
        if (run.phase === 'stopping') receipt('acting', 'It is being stopped already.')
        this.#cancels.push({ receipt, killed: false })
        run.cancel()
        return
      case 'pause':
        this.#enqueue(receipt, () => this.#pause(receipt))
        return
      case 'resume':
        this.#enqueue(receipt, () => this.#resume(receipt))
        return
    }
  }

  /** A signal went out to end the run. */
  stopping(step: 'term' | 'kill' | 'abort', processes: number, graceMs: number): void {
    for (const cancel of this.#cancels) {
      if (step === 'kill') cancel.killed = true
      cancel.receipt('acting', stepWords(step, processes, graceMs))
    }
  }

  /** The run is over: cancels are done, and what waits cannot be done any more. */
  ended(): void {
    const { endWords } = this.#options.run
    for (const { receipt, killed } of this.#cancels.splice(0))
      receipt(killed ? 'killed' : 'stopped', endWords)
    for (const { receipt } of this.#waiting.splice(0)) receipt('refused', `The run has ended: ${endWords}`)
  }

  #receiptOf(commandId: string): Receipt {
    return (state, detail) => void this.#options.uplink.put({ kind: 'receipt', commandId, state, detail })
  }

  /** `act` tells the receipt's last step and never rejects. */
  #enqueue(receipt: Receipt, act: () => Promise<void>): void {
    if (this.#waiting.length >= limits.runCommandsMax) {
      receipt('refused', `${limits.runCommandsMax} commands on this run wait already.`)
      return
    }
    this.#waiting.push({ receipt, act })
    if (!this.#acting) void this.#work()
  }

  async #work(): Promise<void> {
    this.#acting = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await next.act()
    this.#acting = false
  }

  async #pause(receipt: Receipt): Promise<void> {
    const { run, host, fence } = this.#options
    if (run.phase === 'paused') receipt('done', 'It was paused already.')
    else if (run.phase !== 'running') receipt('refused', `A run that is ${run.phase} cannot be paused.`)
    else {
      receipt('acting', 'STOP sent to its processes')
      const processes = await this.#signalled(receipt, host.pause(fence), 'running')
      if (processes === null) return
      run.paused()
      receipt('done', `${count(processes)} stopped`)
    }
  }

  async #resume(receipt: Receipt): Promise<void> {
    const { run, host, fence } = this.#options
    if (run.phase === 'running') receipt('done', 'It was not paused.')
    else if (run.phase !== 'paused') receipt('refused', `A run that is ${run.phase} cannot be resumed.`)
    else {
      receipt('acting', 'CONT sent to its processes')
      const processes = await this.#signalled(receipt, host.resume(fence), 'paused')
      if (processes === null) return
      run.resumed()
      receipt('done', `${count(processes)} continued`)
    }
  }

  /** How many processes took the signal; null when it failed, or the run left its phase meanwhile: then it is told. */
  async #signalled(
    receipt: Receipt,
    act: Promise<number>,
    phase: CommandedRun['phase'],
  ): Promise<number | null> {
    try {
      const processes = await act
      const now = this.#options.run.phase
      if (now === phase) return processes
      receipt('refused', `The run is ${now} by now.`)
    } catch (thrown) {
      receipt('refused', fromUnknown(thrown).message)
    }
    return null
  }
}

function stepWords(step: 'term' | 'kill' | 'abort', processes: number, graceMs: number): string {
  switch (step) {
    case 'term':
      return `TERM sent to ${count(processes)}`
    case 'kill':
      return `KILL sent to ${count(processes)} after ${graceMs} ms`
    case 'abort':
      return 'its abort signal is given'
  }
}

const count = (processes: number): string => (processes === 1 ? '1 process' : `${processes} processes`)
