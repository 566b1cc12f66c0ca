import { Histogram, Registry } from 'prom-client'
import type { App } from '../app.js'

/** Requests of one server: rate, latency and errors are all read off one histogram. */
export class RequestMetrics {
  readonly #registry = new Registry()
  readonly #seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer an HTTP request, in seconds, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.#registry],
  })

  /** Must be called before the routes are registered. */
  watch(app: App): void {
    app.addHook('onResponse', async (request, reply) => {
      const labels = {
        method: request.method,
        // The pattern, never the path: what callers write must not make series.
        route: request.routeOptions.url ?? 'unknown',
        status: String(reply.statusCode),
      }
      this.#seconds.observe(labels, reply.elapsedTime / 1000)
    })
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
