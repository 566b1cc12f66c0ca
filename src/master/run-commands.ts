import { limits } from '../core/limits.js'
import type { ReceiptState } from '../core/receipts/receipt.js'
import type { Uplink } from './uplink.js'

/** Tells one step of one command. */
export type Receipt = (state: Exclude<ReceiptState, 'sent' | 'expired'>, detail: string) => void

/** Commands of one run that wait for each other: one acts at a time, in the order in which they came. */
export class RunCommands {
  readonly #uplink: Uplink
  readonly #waiting: { readonly receipt: Receipt; readonly act: () => Promise<void> }[] = []
  #acting = false

  constructor(uplink: Uplink) {
    this.#uplink = uplink
  }

  receiptOf(commandId: string): Receipt {
    return (state, detail) => void this.#uplink.put({ kind: 'receipt', commandId, state, detail })
  }

  /** Refused beyond limits.runCommandsMax. `act` tells the receipt's last step and never rejects. */
  enqueue(receipt: Receipt, act: () => Promise<void>): void {
    if (this.#waiting.length >= limits.runCommandsMax) {
      receipt('refused', `${limits.runCommandsMax} commands on this run wait already.`)
      return
    }
    this.#waiting.push({ receipt, act })
    if (!this.#acting) void this.#work()
  }

  /** The run is over: what waits cannot be done any more. */
  close(reason: string): void {
    for (const { receipt } of this.#waiting.splice(0)) receipt('refused', reason)
  }

  async #work(): Promise<void> {
    this.#acting = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await next.act()
    this.#acting = false
  }
}
