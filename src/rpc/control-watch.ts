import { closeCodes, topicSchema } from '../contract/socket.js'
import { ControlError, type ErrorCode } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { type WatchRequest, WatchView } from '../gen/agentflow/v1/control_pb.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import { atMost, count, malformed } from './wire-checks.js'

/** Where a watch goes: a grpc-js call or a Connect response. */
export interface WatchSink {
  send(response: { readonly seq: bigint; readonly event: Uint8Array }): void
  /** Bytes sent but not yet taken by the wire. */
  bufferedBytes(): number
  /** One listener, called each time the wire has taken everything. */
  onDrained(listener: () => void): void
}

/**
 * Watch, for both transports. Resolves when `signal` aborts, rejects with a ControlError when the leader ends it: a
 * reader over limits.watchBufferBytesMax gets resource_exhausted and may watch again from the last seq it has.
 */
export async function watch(
  plane: ControlPlane,
  caller: Caller,
  request: WatchRequest,
  { sink, signal }: { readonly sink: WatchSink; readonly signal: AbortSignal },
): Promise<void> {
  const afterSeq = count(request.afterSeq, 'after_seq')
  switch (request.view) {
    case WatchView.EVENTS:
      if (request.topics.length > 0) malformed('topics belong to the view ENTITIES')
      await checkLog(plane, caller, request.logId)
      return watchEvents(plane, caller, { afterSeq, sink, signal })
    case WatchView.ENTITIES:
      return watchEntities(plane, caller, {
        topics: topicsOf(request.topics),
        resume: request.logId === '' ? null : { logId: request.logId, seq: afterSeq },
        sink,
        signal,
      })
    default:
      return malformed('view must be WATCH_VIEW_ENTITIES or WATCH_VIEW_EVENTS')
  }
}

const topicsOf = (topics: readonly string[]): readonly string[] =>
  atMost(topics, limits.wallTopicsMax, 'topics').map((topic) =>
    topicSchema.safeParse(topic).success ? topic : malformed('topics has an entry that is not a topic'),
  )

/** A place in another log says nothing about this one, and events have no snapshot to start from. */
async function checkLog(plane: ControlPlane, caller: Caller, logId: string): Promise<void> {
  if (logId === '') return
  const stats = JSON.parse(await plane.stats(caller)) as { readonly logId: string }
  if (stats.logId !== logId) {
    throw new ControlError('unprocessable', `This leader's log is ${stats.logId}; watch it from the start.`)
  }
}

interface Reader {
  readonly sink: WatchSink
  readonly signal: AbortSignal
}

async function watchEvents(
  plane: ControlPlane,
  caller: Caller,
  { afterSeq, sink, signal }: Reader & { readonly afterSeq: number },
): Promise<void> {
  const encoder = new TextEncoder()
  const tooSlow = new AbortController()
  const ended = AbortSignal.any([signal, tooSlow.signal])
  await plane.watchEvents({ ...caller, signal: ended }, afterSeq, (seq, json) => {
    if (ended.aborted) return
    sink.send({ seq: BigInt(seq), event: encoder.encode(json) })
    if (sink.bufferedBytes() > limits.watchBufferBytesMax) tooSlow.abort()
  })
  if (tooSlow.signal.aborted)
    throw new ControlError('resource_exhausted', 'The reader of this watch is too slow.')
}

function watchEntities(
  plane: ControlPlane,
  caller: Caller,
  options: Reader & {
    readonly topics: readonly string[]
    readonly resume: { readonly logId: string; readonly seq: number } | null
  },
): Promise<void> {
  const { sink, signal, topics, resume } = options
  return new Promise((resolve, reject) => {
    let seq = resume?.seq ?? 0
    const decoder = new TextDecoder()
    const wall = {
      send: (bytes: Uint8Array): void => {
        seq = resumePoint(decoder.decode(bytes)) ?? seq
        sink.send({ seq: BigInt(seq), event: bytes })
      },
      bufferedBytes: (): number => sink.bufferedBytes(),
      // Later: the leader may close while it still opens, before there is a session to end.
      close: (code: number, reason: string): void => {
        setImmediate(finish, () => reject(closeError(code, reason)))
      },
    }
    let finished = false
    const finish = (settle: () => void): void => {
      if (finished) return
      finished = true
      signal.removeEventListener('abort', onAbort)
      session.closed()
      settle()
    }
    const onAbort = (): void => finish(resolve)
    const session = plane.openWall(caller, wall, { frames: true, resume })
    sink.onDrained(() => session.drained())
    signal.addEventListener('abort', onAbort)
    if (topics.length > 0) session.subscribe(topics)
    if (signal.aborted) onAbort()
  })
}

/** Seq that a reader may resume from after this message, null when it has none of its own. */
function resumePoint(text: string): number | null {
  const message = JSON.parse(text) as { type: string; to?: number; seq?: number }
  if (message.type === 'FRAME') return message.to ?? null
  return message.type === 'SNAPSHOT' || message.type === 'AUTH_OK' ? (message.seq ?? null) : null
}

const closeErrors: Readonly<Record<number, ErrorCode>> = {
  [closeCodes.malformed]: 'invalid_request',
  [closeCodes.notAuthenticated]: 'not_authenticated',
  [closeCodes.forbidden]: 'forbidden',
  [closeCodes.tooSlow]: 'resource_exhausted',
}

const closeError = (code: number, reason: string): ControlError =>
  new ControlError(closeErrors[code] ?? 'unavailable', reason)
