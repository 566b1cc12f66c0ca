import type { NodeNeeds, QueueTerms, TaskSpec } from './task.js'

/** A task that waits for nothing but a free place. */
export const plainTerms: QueueTerms = {
  runAtMs: null,
  delayMs: null,
  dependsOn: [],
  dependsMode: 'succeeded',
  tags: [],
  concurrencyKey: null,
  capacity: null,
  queueTimeoutMs: 0,
  totalTimeoutMs: 0,
}

/** A task that any master which knows its type can run. */
export const plainNeeds: NodeNeeds = { labels: {}, capabilities: [], gpus: 0, slots: 1, memoryBytes: 0 }

export const termsOf = (spec: TaskSpec): QueueTerms => spec.queue ?? plainTerms
export const needsOf = (spec: TaskSpec): NodeNeeds => spec.requirements.needs ?? plainNeeds
