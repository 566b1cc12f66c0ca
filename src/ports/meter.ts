import type { Capabilities } from '../core/nodes/node.js'
import type { Metrics } from './node-link.js'

/** Reads this machine. */
export interface Meter {
  /** Since the previous call; the first call measures since start. */
  sample(): Metrics
  /** What the machine has; labels, types and slots are configuration. */
  inventory(): Promise<Omit<Capabilities, 'labels' | 'projectTypes' | 'slots'>>
}
