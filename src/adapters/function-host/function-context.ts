import type { StopCause, TaskInput } from '../../ports/task-host.js'

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
