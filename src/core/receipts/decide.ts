import { type Decision, done } from '../decision.js'
import { draft, type EventDraft } from '../event.js'
import type { Command, Input } from '../input.js'
import { seen } from '../runs/decide.js'
import type { State } from '../state.js'
import { isFinal, type Receipt, type ReceiptState } from './receipt.js'

type Report = Extract<Command, { name: 'report_receipt' }>

export const stepReceipt = (receipt: Receipt, state: ReceiptState, detail: string): EventDraft =>
  draft(
    'CommandStepped',
    { kind: 'receipt', id: receipt.commandId, projectId: receipt.projectId },
    { state, detail },
  )

export function decideReportReceipt(state: State, input: Input, command: Report): Decision {
  const receipt = state.receipt(command.commandId)
  if (receipt === undefined || isFinal(receipt)) return seen(input, `receipt ${command.commandId} is over`)
  return done([stepReceipt(receipt, command.state, command.detail)])
}

/** [RC4] Nobody started it in time: it must not start any more. */
export function decideExpiry(state: State, commandId: string, nowMs: number): readonly EventDraft[] {
  const receipt = state.receipt(commandId)
  if (receipt?.state !== 'sent' || receipt.expiresAtMs === null || receipt.expiresAtMs > nowMs) return []
  return [stepReceipt(receipt, 'expired', 'it was not started in time')]
}
