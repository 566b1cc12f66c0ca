import { ControlError } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import type { WatchEventsOptions } from './events.js'
import { type Live, LiveConnection, type LiveOptions, type WebSocketConstructor } from './live.js'
import { type ConnectionOptions, createRest, type Rest } from './rest.js'

export interface ClientOptions extends ConnectionOptions {
  /** Default: the platform's. Node 20 has none: give the class of `ws`. */
  readonly webSocket?: WebSocketConstructor
}

/** A leader, as programs use it. Errors are ControlErrors with the catalogue's codes. */
export interface Client extends Rest {
  /** Opens a live connection that stays until `close()`. */
  live(options: LiveOptions): Live
  /** Every event of the log after a point, without a hole. */
  events(options: WatchEventsOptions): AsyncGenerator<LogEvent, void, undefined>
}

export function createClient(options: ClientOptions): Client {
  const connection = { ...options, url: options.url.replace(/\/+$/, '') }
  const rest = createRest(connection)
  return {
    ...rest,
    live: (liveOptions) => {
      const webSocket = options.webSocket ?? platformSocket()
      return new LiveConnection({ url: connection.url, token: options.token, webSocket, rest }, liveOptions)
    },
    async *events(watchOptions) {
      // The one call that needs Connect and protobuf: loaded when it is made.
      const { watchEvents } = await import('./events.js')
      yield* watchEvents(connection, watchOptions)
    },
  }
}

function platformSocket(): WebSocketConstructor {
  if ('WebSocket' in globalThis) return globalThis.WebSocket as WebSocketConstructor
  throw new ControlError(
    'unprocessable',
    'This platform has no WebSocket; give one as `webSocket`, for example of the package ws.',
  )
}
