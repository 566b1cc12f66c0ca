import { bounds } from './bounds.js'
import type { CommandState, Receipt, TaskAction } from './protocol.js'

const finalStates: ReadonlySet<Receipt['state']> = new Set([
  'stopped',
  'killed',
  'done',
  'refused',
  'expired',
])
export const isFinalReceipt = (receipt: Receipt): boolean => finalStates.has(receipt.state)

/** Commands that this page gave, and receipts of anybody's. Both bounded; the oldest go first. */
export class CommandBook {
  readonly #commands = new Map<string, CommandState>()
  readonly #receipts = new Map<string, Receipt>()
  readonly #changedCommands = new Set<string>()
  readonly #changedReceipts = new Set<string>()

  get dirty(): boolean {
    return this.#changedCommands.size > 0 || this.#changedReceipts.size > 0
  }

  ask(command: {
    readonly requestId: string
    readonly taskId: string
    readonly action: TaskAction
    readonly atMs: number
    readonly sent: boolean
  }): void {
    const { requestId, taskId, action, atMs, sent } = command
    const outcome = sent ? ({ kind: 'asked' } as const) : ({ kind: 'not_sent' } as const)
    this.#set({ requestId, taskId, action, askedAtMs: atMs, outcome })
  }

  receive(receipt: Receipt, requestId: string | undefined): void {
    const before = this.#receipts.get(receipt.commandId)
    if (before !== undefined && before.steps.length > receipt.steps.length) return
    // A command that had nothing to do has no id and is not kept.
    if (receipt.commandId !== '') this.#keep(receipt)
    for (const command of this.#commands.values()) {
      const { outcome } = command
      const same = outcome.kind === 'receipt' && outcome.receipt.commandId === receipt.commandId
      const isAnswer = requestId === undefined ? same : command.requestId === requestId
      if (isAnswer) this.#set({ ...command, outcome: { kind: 'receipt', receipt } })
    }
  }

  #keep(receipt: Receipt): void {
    this.#receipts.delete(receipt.commandId)
    this.#receipts.set(receipt.commandId, receipt)
    this.#changedReceipts.add(receipt.commandId)
    trim(this.#receipts, bounds.receiptsMax)
  }

  /** False: no command has this request. */
  refuse(requestId: string, code: string, message: string): boolean {
    const command = this.#commands.get(requestId)
    if (command === undefined) return false
    this.#set({ ...command, outcome: { kind: 'refused', code, message } })
    return true
  }

  /** The deadline is over, or the link was lost: whether it will be done is not known. */
  doubt(requestId: string): void {
    const command = this.#commands.get(requestId)
    if (command?.outcome.kind === 'asked') this.#set({ ...command, outcome: { kind: 'unconfirmed' } })
  }

  doubtAll(): void {
    for (const requestId of [...this.#commands.keys()]) this.doubt(requestId)
  }

  /** Commands whose receipt was on its way: to be asked for again after a cut. */
  unfinished(): string[] {
    return [...this.#receipts.values()]
      .filter((receipt) => !isFinalReceipt(receipt))
      .map((receipt) => receipt.commandId)
  }

  take(): { readonly commands: readonly CommandState[]; readonly receipts: readonly Receipt[] } {
    const commands = [...this.#changedCommands].flatMap((id) => this.#commands.get(id) ?? [])
    const receipts = [...this.#changedReceipts].flatMap((id) => this.#receipts.get(id) ?? [])
    this.#changedCommands.clear()
    this.#changedReceipts.clear()
    return { commands, receipts }
  }

  #set(command: CommandState): void {
    this.#commands.set(command.requestId, command)
    this.#changedCommands.add(command.requestId)
    trim(this.#commands, bounds.commandsMax)
  }
}

function trim(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return
    map.delete(key)
  }
}
