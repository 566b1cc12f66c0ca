import { Code, ConnectError, createClient as createRpcClient } from '@connectrpc/connect'
import { type UniversalClientFn, universalClientResponseFromFetch } from '@connectrpc/connect/protocol'
import { createTransport } from '@connectrpc/connect/protocol-connect'
import { ControlError, type ErrorCode, isErrorCode } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import { limits } from '../core/limits.js'
import { ControlService, WatchView } from '../gen/agentflow/v1/control_pb.js'
import { retryDelayMs } from './backoff.js'
import { lost } from './failure.js'
import type { ConnectionOptions } from './rest.js'

export interface WatchEventsOptions {
  /** Events with a greater seq; 0 = from the first one that is kept. */
  readonly afterSeq: number
  readonly signal: AbortSignal
  /** Told when the stream broke; it goes on by itself. */
  readonly onInterrupted?: (error: ControlError) => void
}

/**
 * Every event of the log after a point, without a hole, then each new one. A broken stream is taken up again after a
 * pause; ends when the signal aborts; rejects with ControlError when going on is useless.
 */
export async function* watchEvents(
  connection: ConnectionOptions,
  { afterSeq, signal, onInterrupted }: WatchEventsOptions,
): AsyncGenerator<LogEvent, void, undefined> {
  const client = createRpcClient(ControlService, transportOf(connection))
  const decoder = new TextDecoder()
  // Ending the iteration alone would leave the request open.
  const left = new AbortController()
  const ended = AbortSignal.any([signal, left.signal])
  let seq = afterSeq
  let attempt = 0
  try {
    while (!signal.aborted) {
      try {
        const request = { view: WatchView.EVENTS, afterSeq: BigInt(seq) }
        for await (const response of client.watch(request, { signal: ended })) {
          attempt = 0
          seq = Number(response.seq)
          yield JSON.parse(decoder.decode(response.event)) as LogEvent
        }
      } catch (thrown) {
        if (signal.aborted) return
        const error = toControlError(thrown, connection.url)
        if (error.kind.status !== 503 && error.code !== 'resource_exhausted') throw error
        onInterrupted?.(error)
      }
      await pause(retryDelayMs(attempt++), signal)
    }
  } finally {
    left.abort()
  }
}

function transportOf({ url, token, fetch: given, userAgent }: ConnectionOptions) {
  const fetching = given ?? fetch
  const httpClient: UniversalClientFn = async ({ url: target, method, header, body, signal }) => {
    header.set('authorization', `Bearer ${token}`)
    if (userAgent !== undefined) header.set('user-agent', userAgent)
    const init = {
      method,
      headers: header,
      body: await joined(body),
      ...(signal === undefined ? {} : { signal }),
    }
    return universalClientResponseFromFetch(await fetching(target, init))
  }
  return createTransport({
    httpClient,
    baseUrl: url,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: Number.MAX_SAFE_INTEGER,
    readMaxBytes: limits.linkMessageBytesMax,
    writeMaxBytes: limits.requestBytesMax,
  })
}

async function joined(chunks: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(0)
  for await (const chunk of chunks ?? []) {
    const longer = new Uint8Array(bytes.length + chunk.length)
    longer.set(bytes)
    longer.set(chunk, bytes.length)
    bytes = longer
  }
  return bytes
}

function toControlError(thrown: unknown, url: string): ControlError {
  const error = ConnectError.from(thrown)
  const told = error.metadata.get('agentflow-code')
  if (isErrorCode(told)) return new ControlError(told, error.rawMessage, { cause: thrown })
  const code = byConnectCode[error.code]
  return code === undefined
    ? lost({ url, mayHaveActed: false, isLate: false, cause: thrown })
    : new ControlError(code, error.rawMessage, { cause: thrown })
}

const byConnectCode: Readonly<Partial<Record<Code, ErrorCode>>> = {
  [Code.Unauthenticated]: 'not_authenticated',
  [Code.PermissionDenied]: 'forbidden',
  [Code.InvalidArgument]: 'invalid_request',
  [Code.NotFound]: 'not_found',
  [Code.Unimplemented]: 'not_found',
  [Code.FailedPrecondition]: 'unprocessable',
  [Code.ResourceExhausted]: 'resource_exhausted',
}

/** Resolves after `ms`, or at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
