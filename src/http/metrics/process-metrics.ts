import type { Exposition } from './exposition.js'

/**
 * This process, by the names that Prometheus' own clients use. The library's collectors are not used: they wake the
 * process all the time to measure its loop, and a process of ours that has nothing to do does nothing.
 */
export function processMetrics(to: Exposition): void {
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  const { utilization } = performance.eventLoopUtilization()
  to.counter('process_cpu_seconds_total', 'CPU time of this process, in seconds.', (user + system) / 1e6)
  to.gauge('process_resident_memory_bytes', 'Memory of this process.', memory.rss)
  to.gauge(
    'process_start_time_seconds',
    'Start of this process, Unix seconds.',
    performance.timeOrigin / 1000,
  )
  to.gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', memory.heapUsed)
  to.gauge('nodejs_external_memory_bytes', 'Memory outside of the JavaScript heap.', memory.external)
  to.gauge(
    'nodejs_eventloop_utilization',
    'Share of its life that the event loop was busy, 0 to 1.',
    utilization,
  )
}
