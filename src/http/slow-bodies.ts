import type { IncomingMessage } from 'node:http'
import { limits } from '../core/limits.js'
import type { App } from './app.js'

/** Where a body may come for as long as it moves. */
export const ndjsonType = 'application/x-ndjson'
export const batchesPath = '/api/batches'

/**
 * Ends a call whose body is not here limits.requestBodyMs after its head. Node's own limit knows no exception, and a
 * stream of items has none but that something moves.
 */
export function endSlowBodies(app: App): void {
  const coming = new Map<IncomingMessage, number>()
  app.addHook('onRequest', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return
    const isStream = request.headers['content-type']?.startsWith(ndjsonType) === true
    if (isStream && request.routeOptions.url === batchesPath) return
    coming.set(request.raw, performance.now())
  })
  app.addHook('onResponse', async (request) => {
    coming.delete(request.raw)
  })
  const sweep = setInterval(() => {
    const lateMs = performance.now() - limits.requestBodyMs
    for (const [request, sinceMs] of coming) {
      if (request.complete) coming.delete(request)
      else if (sinceMs < lateMs) {
        coming.delete(request)
        request.destroy()
      }
    }
  }, limits.requestBodyMs / 6)
  sweep.unref()
  app.addHook('onClose', async () => clearInterval(sweep))
}
