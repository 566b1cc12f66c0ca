import { randomUUID } from 'node:crypto'
import { Client, type ClientDuplexStream, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { ControlError, fromUnknown, isErrorCode } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { ControlService } from '../gen/agentflow/v1/control_pb.js'
import { backoffMs } from '../link/backoff.js'
import type { SubmitOutcome } from '../ports/control-plane.js'
import type { Log } from '../ports/log.js'
import { asBuffer } from './counted-writer.js'
import { dialCredentials } from './dial-credentials.js'
import { dialOptions, type Keepalive } from './dial-options.js'
import { codeKey } from './grpc-status.js'
import { rawMethod } from './raw-methods.js'
import { SubmitBacklog, type Waiting } from './submit-backlog.js'
import { decodeResults, encodeSubmits } from './submit-codec.js'

export interface GrpcSubmitterOptions {
  /** HOST:PORT of leaders' gRPC servers, tried in turn; at least one. */
  readonly leaders: readonly string[]
  /** A user's token. */
  readonly token: string
  /** CA that signed the leader's certificate; null = plain text, for loopback only. */
  readonly caPem: string | null
  readonly log: Log
  /** Default: limits.keepaliveIntervalMs and keepaliveTimeoutMs. */
  readonly keepalive?: Keepalive
}

export interface SubmitTerms {
  readonly idempotencyKey: string
  /** From now on, ms. */
  readonly timeoutMs: number
}

type Call = ClientDuplexStream<Buffer, Buffer>

/** Where the one stream stands. */
type Link =
  | {
      readonly phase: 'connecting' | 'open'
      readonly client: Client
      readonly call: Call
      readonly timer: NodeJS.Timeout | null
    }
  | { readonly phase: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly phase: 'closed' }

/** Statuses that another try soon does not change. */
const refusals: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.INVALID_ARGUMENT,
  status.UNIMPLEMENTED,
])

/**
 * Submits over one stream that it keeps open, for ever. What is ready in one moment goes as one message; each task has its
 * own answer. [SB4] After a cut, and when a leader leaves, what has no result is sent again under its idempotency key, so
 * that a repeat is the same task.
 */
export class GrpcSubmitter {
  readonly #options: GrpcSubmitterOptions
  readonly #backlog = new SubmitBacklog()
  readonly #credentialsFor: ReturnType<typeof dialCredentials>
  readonly #metadata = new Metadata()
  /** Keys of this submitter's own begin with it. */
  readonly #keyPrefix = randomUUID()
  #nextKey = 1
  #link: Link = { phase: 'closed' }
  #dials = 0
  #failures = 0
  #reason: string | null = null
  #flushScheduled = false
  /** Looks for what is due, while something waits. */
  #look: NodeJS.Timeout | null = null
  #onEmpty: (() => void) | null = null

  constructor(options: GrpcSubmitterOptions) {
    this.#options = options
    this.#credentialsFor = dialCredentials(options.caPem)
    this.#metadata.set('authorization', `Bearer ${options.token}`)
    this.#dial()
  }

  /** `reason`: why there is no leader; null when there is one, or nothing is known. */
  status(): {
    readonly phase: 'connecting' | 'ready' | 'closed'
    readonly waiting: number
    readonly reason: string | null
  } {
    const phase = {
      open: 'ready',
      connecting: 'connecting',
      waiting: 'connecting',
      closed: 'closed',
    } as const
    return { phase: phase[this.#link.phase], waiting: this.#backlog.size, reason: this.#reason }
  }

  /** A key that nobody else has. */
  newKey(): string {
    const key = `${this.#keyPrefix}-${this.#nextKey}`
    this.#nextKey += 1
    return key
  }

  /** `settle` is called exactly once, later, unless the returned function gives the task up before. */
  submit(taskJson: string, terms: SubmitTerms, settle: (outcome: SubmitOutcome) => void): () => void {
    const { idempotencyKey, timeoutMs } = terms
    const waiting: Waiting = {
      taskJson,
      idempotencyKey,
      dueMs: performance.now() + timeoutMs,
      settle,
      isOver: false,
    }
    const refusal = this.#refusal(taskJson) ?? this.#backlog.push(waiting)
    if (refusal !== null) {
      queueMicrotask(() => settle({ ok: false, error: refusal }))
      return () => undefined
    }
    this.#look ??= setInterval(() => this.#expire(), limits.submitterLookMs)
    this.#schedule()
    return () => {
      waiting.isOver = true
    }
  }

  /** Takes nothing more; resolves when everything has its result, or at the latest after `graceMs`, with the rest refused. */
  async close(graceMs: number): Promise<void> {
    if (this.#link.phase === 'closed') return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#backlog.size === 0) this.#onEmpty()
    })
    this.#hangUp()
    this.#link = { phase: 'closed' }
    this.#backlog.expire(Number.POSITIVE_INFINITY, 'the submitter was closed before the leader had answered')
    this.#stopLooking()
  }

  #refusal(taskJson: string): ControlError | null {
    if (this.#link.phase === 'closed' || this.#onEmpty !== null)
      return new ControlError('unavailable', 'This submitter is closed.')
    if (taskJson.length <= limits.requestBytesMax) return null
    const sentence = `The task has ${taskJson.length} characters as JSON; at most ${limits.requestBytesMax} are taken.`
    return new ControlError('too_large', sentence)
  }

  #dial(): void {
    const { leaders, caPem, keepalive } = this.#options
    const address = leaders[this.#dials % leaders.length] ?? ''
    this.#dials += 1
    const client = new Client(address, this.#credentialsFor(address), dialOptions(caPem, keepalive))
    const { path, requestSerialize, responseDeserialize } = rawMethod(ControlService.method.submitTasks)
    const call: Call = client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.#metadata,
    )
    const timer = setTimeout(() => this.#drop(`${address} did not answer in time`), limits.linkDialMs)
    this.#link = { phase: 'connecting', client, call, timer }
    const isMine = (): boolean => 'call' in this.#link && this.#link.call === call
    call.on('data', (bytes: Buffer) => {
      if (isMine()) this.#receive(bytes)
    })
    // 'status' follows with the same content.
    call.on('error', () => undefined)
    call.on('status', (result) => {
      if (isMine()) this.#ended(result)
      client.close()
    })
  }

  #receive(bytes: Buffer): void {
    try {
      const { window, results } = decodeResults(bytes)
      if (window !== null) this.#opened(window)
      for (const result of results) this.#answered(result)
    } catch (thrown) {
      this.#drop(fromUnknown(thrown).message)
      return
    }
    if (this.#backlog.size > 0) this.#schedule()
    else this.#empty()
  }

  #opened(window: { readonly items: number; readonly bytes: number }): void {
    const link = this.#link
    if (link.phase !== 'connecting') return
    if (link.timer !== null) clearTimeout(link.timer)
    this.#link = { ...link, phase: 'open', timer: null }
    this.#failures = 0
    this.#reason = null
    this.#backlog.opened(window)
  }

  #answered(result: { readonly number: number; readonly outcome: SubmitOutcome }): void {
    const { outcome } = result
    // The leader that leaves has not taken it: the next one is asked.
    if (!outcome.ok && outcome.error.code === 'unavailable') return
    if (!this.#backlog.answered(result))
      throw new ControlError(
        'invalid_request',
        `the leader answered item ${result.number}, which was not sent`,
      )
  }

  /** What is submitted in one go is one message. */
  #schedule(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    queueMicrotask(() => {
      this.#flushScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    const link = this.#link
    if (link.phase !== 'open') return
    for (
      let bytes = this.#backlog.next(encodeSubmits);
      bytes !== null;
      bytes = this.#backlog.next(encodeSubmits)
    )
      link.call.write(asBuffer(bytes))
  }

  #ended({ code, details, metadata }: StatusObject): void {
    const reason = details || status[code]
    if (refusals.has(code)) {
      const word = metadata.get(codeKey)[0]?.toString()
      const known = word !== undefined && isErrorCode(word) ? word : 'unavailable'
      this.#backlog.refuse(new ControlError(known, reason))
    }
    this.#drop(reason)
  }

  #drop(reason: string): void {
    this.#hangUp()
    this.#backlog.cut()
    this.#reason = reason
    const delayMs = backoffMs(this.#failures, Math.random())
    if (this.#failures === 0) this.#options.log.warn('no stream to the leader', { reason })
    this.#failures += 1
    const timer = setTimeout(() => this.#dial(), delayMs)
    this.#link = { phase: 'waiting', timer }
    if (this.#backlog.size === 0) this.#empty()
  }

  #hangUp(): void {
    const link = this.#link
    if ('timer' in link && link.timer !== null) clearTimeout(link.timer)
    if ('call' in link) link.call.cancel()
  }

  #expire(): void {
    this.#backlog.expire(performance.now(), 'the leader did not answer in time')
    if (this.#backlog.size === 0) this.#empty()
  }

  #empty(): void {
    this.#stopLooking()
    this.#onEmpty?.()
  }

  #stopLooking(): void {
    if (this.#look !== null) clearInterval(this.#look)
    this.#look = null
  }
}
