import type { ErrorBody } from '../core/errors.js'
import type { CancelSignal, JsonBytes } from './control-plane.js'

/** A tool that a master calls at its leader: for somebody, with that person's token, or for a run that it holds. */
export interface ToolCall {
  /** A user's token: the leader decides what it may. Empty: the master itself asks, for one of its runs. */
  readonly token: string
  readonly tool: string
  /** An object; empty = no arguments. */
  readonly argsJson: string
  /** A command answers at its receipt's final state, or after this many ms. */
  readonly waitMs: number
  readonly idempotencyKey: string | null
}

export type ToolOutcome =
  | { readonly ok: true; readonly json: JsonBytes }
  | { readonly ok: false; readonly error: ErrorBody['error'] }

/** A leader's end: who it is and what comes of it. Rejects with ControlError only. */
export type AnswerToolCall = (nodeId: string, call: ToolCall, signal: CancelSignal) => Promise<JsonBytes>

/** A master's end. Rejects with ControlError only: `unavailable` without a leader. */
export type CallLeader = (call: ToolCall) => Promise<JsonBytes>
