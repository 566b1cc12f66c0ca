import { createPinoLog } from '../adapters/log/pino-log.js'
import type { SubmitTask } from '../contract/task.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'
import { GrpcSubmitter } from '../rpc/submitter.js'
import { loadSubmitterConfig } from './config.js'

export interface SubmitterOptions {
  /** HOST:PORT of the leader's gRPC server, or several. Default AGENTFLOW_LEADERS, else cli.json of the data directory. */
  readonly leader?: string | readonly string[]
  /** A user's token. Default AGENTFLOW_TOKEN, else cli.json in AGENTFLOW_DATA, else in ./.agentflow. */
  readonly token?: string
  /** Authority that signed the leader's certificate; null = plain text, on this machine only. Default that of cli.json. */
  readonly caPem?: string | null
  /** Default: warnings and errors to stderr. */
  readonly log?: Log
}

export interface SubmitOptions {
  /**
   * The same key and task again is the same task, also from another process; another task is `idempotency_conflict`.
   * Default: a key of its own, so that a task which is sent again after a cut is still one.
   */
  readonly idempotencyKey?: string
  /** Ends the wait; the promise rejects with its reason. What was sent may be done all the same. */
  readonly signal?: AbortSignal
  /** Ms until the promise rejects with `unavailable` or `outcome_unknown`. Default limits.clientCallMs. */
  readonly timeoutMs?: number
}

export interface Submitted {
  readonly taskId: string
  /** False when the idempotency key was known before. */
  readonly created: boolean
}

export interface SubmitterStatus {
  readonly phase: 'connecting' | 'ready' | 'closed'
  /** Tasks without an answer. */
  readonly waiting: number
  /** Why there is no leader; null when there is one, or nothing is known. */
  readonly reason: string | null
}

export interface Submitter {
  /**
   * Resolves when the task is on the leader's disk. Rejects with ControlError: what REST refuses; `resource_exhausted` when
   * limits.submitterTasksMax tasks or limits.submitterBytesMax bytes wait here; `unavailable` when no leader had it in time;
   * `outcome_unknown` when it was sent and not answered, with `details.idempotencyKey` to submit it again.
   */
  submit(task: SubmitTask, options?: SubmitOptions): Promise<Submitted>
  status(): SubmitterStatus
  /** Waits up to `graceMs` (default limits.clientCallMs) for the answers that are due, then hangs up. */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/**
 * Submits many tasks over one stream that stays open; it dials for ever and holds the process until it is closed. Throws
 * ControlError(invalid_configuration) for options that cannot be used.
 */
export function createSubmitter(options: SubmitterOptions = {}): Submitter {
  const { log, ...settings } = options
  const { logLevel: level, logJson: json, ...config } = loadSubmitterConfig(settings)
  const stream = new GrpcSubmitter({
    ...config,
    log: log ?? createPinoLog({ name: 'submitter', level, json }),
  })
  return {
    submit: (task, terms = {}) => submit(stream, task, terms),
    status: () => stream.status(),
    close: ({ graceMs = limits.clientCallMs } = {}) => stream.close(graceMs),
  }
}

function submit(stream: GrpcSubmitter, task: SubmitTask, options: SubmitOptions): Promise<Submitted> {
  const { idempotencyKey, signal, timeoutMs = limits.clientCallMs } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) throw signal.reason
    const terms = { idempotencyKey: idempotencyKey ?? stream.newKey(), timeoutMs }
    const giveUp = stream.submit(JSON.stringify(task), terms, (outcome) => {
      signal?.removeEventListener('abort', onAbort)
      if (!outcome.ok) reject(outcome.error)
      // A key of our own is known only from our own first try.
      else resolve({ taskId: outcome.taskId, created: outcome.created || idempotencyKey === undefined })
    })
    const onAbort = (): void => {
      giveUp()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
