import type { Capabilities } from '../core/nodes/node.js'
import type { Metrics } from './node-link.js'

/** What is free, in bytes: memory that a new program could get without swapping, disk of the data folder for this user. */
export interface Room {
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** Reads this machine. */
export interface Meter {
  /** Since the previous call; the first call measures since start. */
  sample(): Metrics
  /** What is free now; Infinity where it cannot be read. */
  room(): Room
  /** What the machine has; labels, types and slots are configuration. */
  inventory(): Promise<Omit<Capabilities, 'labels' | 'projectTypes' | 'slots'>>
}
