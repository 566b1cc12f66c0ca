import type { StopCause, TaskInput } from '../../ports/task-host.js'
import type { EffectOptions } from './function-effects.js'

/** What a function is told of its task. */
export interface FunctionTask<Payload> {
  readonly id: string
  readonly type: string
  readonly name: string
  /** As it was submitted. */
  readonly payload: Payload
  /** From 1; a retry is the next one. */
  readonly attempt: number
  /** Rises with every attempt of every task: hand it to a resource that can refuse an older one. */
  readonly fence: number
  readonly traceId: string
  /** How the tasks ended that it waited for, by id, with their results; empty when it waited for none. */
  readonly inputs: Readonly<Record<string, TaskInput>>
}

/** What a handler is called with. */
export interface FunctionContext<Payload = Readonly<Record<string, unknown>>> {
  readonly task: FunctionTask<Payload>
  /**
   * Aborted with a FunctionAbort when the result is not wanted any more. A handler that goes on is abandoned after
   * limits.cancelGraceMs (when the worker closes: limits.shutdownGraceMs): its result is dropped, and the task may run
   * again meanwhile.
   */
  readonly signal: AbortSignal
  /**
   * Shows how far the task is, and what it does; of values less than limits.progressIntervalMs apart the newest counts.
   * Throws a RangeError for a fraction outside 0–1. Nothing once the attempt is over.
   */
  progress(fraction: number, text?: string): void
  /** A line of the task's log. Up to limits.functionLogBytesMax of an attempt wait for the leader; the oldest give way. */
  log(text: string): void
  /**
   * Does something to the world outside, at most once as far as that can be known. The leader has the intent on disk before
   * `act` is called, and the outcome (JSON of at most limits.effectValueCharsMax, nothing = null) before this resolves; a
   * later attempt with the same key gets that outcome, and `act` is not called. `act` throws: noted as failed, unless the
   * error is an abort or a timeout, and a later attempt does it again. Rejects with a ControlError: `effect_ambiguous` when
   * an earlier attempt began it and never said what came of it, `stale_fence` when another run took this one's place,
   * `unavailable` or `outcome_unknown` without a leader for limits.effectAnswerMs; RangeError when the outcome is too large.
   */
  effect<Value>(key: string, act: () => Value, options?: EffectOptions): Promise<Awaited<Value>>
  /**
   * False: the attempt is over, is to stop, or its lease is not sure any more: do nothing that must not be done twice. Known
   * here, without asking the leader.
   */
  isCurrent(): boolean
}

/**
 * Returns the task's result (JSON of at most limits.resultValueBytesMax; undefined = none), or throws: then the attempt has
 * failed with the error's message, and its stack is in the log.
 */
export type FunctionHandler<Payload = Readonly<Record<string, unknown>>> = (
  context: FunctionContext<Payload>,
) => unknown

const sentences: Readonly<Record<StopCause, string>> = {
  cancel: 'The task was cancelled.',
  timeout: 'The attempt ran longer than its limit.',
  shutdown: 'The worker closes.',
  superseded: 'A newer attempt of the same task took its place.',
  lease: 'The worker has had no leader for too long; the task may run elsewhere.',
}

/** Why a function is to stop: the reason of its signal, and with it of every call that the signal was handed to. */
export class FunctionAbort extends Error {
  override readonly name = 'AbortError'
  /** `cancel` `timeout` `shutdown` `superseded` `lease` */
  readonly reason: StopCause

  constructor(reason: StopCause) {
    super(sentences[reason])
    this.reason = reason
  }
}
