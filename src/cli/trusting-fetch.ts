import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'

/**
 * fetch over TLS with one more authority: the platform's own cannot be given one on Node 20. Takes what our client
 * sends: text, bytes or a stream as the body.
 */
export function trustingFetch(caPem: string): typeof fetch {
  return async (input, init = {}) => {
    const target = new URL(input instanceof Request ? input.url : input)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(target, {
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        ca: caPem,
        ...(init.signal ? { signal: init.signal } : {}),
      })
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
      if (init.body instanceof ReadableStream) Readable.fromWeb(init.body as WebStream).pipe(outgoing)
      else outgoing.end(init.body ?? undefined)
    })
    const headers = new Headers()
    for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value))
    const status = response.statusCode ?? 500
    const hasBody = status !== 204 && status !== 304
    if (!hasBody) response.resume()
    return new Response(hasBody ? (Readable.toWeb(response) as ReadableStream) : null, { status, headers })
  }
}
