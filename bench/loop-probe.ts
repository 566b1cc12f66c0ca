import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** How long the event loop kept a due timer waiting, in ms, since the last question. */
export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Often enough to see a stall of a few ms, seldom enough to cost a leader next to nothing. */
const resolutionMs = 5

/** Loaded into a process before its own program; answers each message of its parent. Its threads have loops of their own. */
if (isMainThread && process.send !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  const delayMs = (ns: number): number => Math.max(0, ns / 1e6 - resolutionMs)
  process.on('message', () => {
    const { p50Ms, p99Ms, maxMs }: LoopDelay = {
      p50Ms: delayMs(histogram.percentile(50)),
      p99Ms: delayMs(histogram.percentile(99)),
      maxMs: delayMs(histogram.max),
    }
    histogram.reset()
    process.send?.({ p50Ms, p99Ms, maxMs })
  })
  // The program ends when it wants to, whether or not somebody may ask.
  process.channel?.unref()
}
