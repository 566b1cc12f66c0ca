import { affinity } from './affinity.js'
import { consistentHash } from './consistent-hash.js'
import { firstFit } from './first-fit.js'
import { leastConnections } from './least-connections.js'
import { resourceBased } from './resource-based.js'
import { roundRobin } from './round-robin.js'
import type { Strategy, Weights } from './strategy.js'
import { weighted } from './weighted.js'
import { weightedResponse } from './weighted-response.js'

export const strategies = {
  'first-fit': firstFit,
  'round-robin': roundRobin,
  'least-connections': leastConnections,
  'resource-based': resourceBased,
  affinity,
  'weighted-response': weightedResponse,
  'consistent-hash': consistentHash,
  weighted,
} as const satisfies Readonly<Record<string, Strategy>>

export type StrategyName = keyof typeof strategies

/** A setting of the cluster: how places are chosen from now on. */
export interface PlacementChoice {
  readonly strategy: StrategyName
  readonly weights: Weights
}

export const defaultPlacement: PlacementChoice = {
  strategy: 'first-fit',
  weights: { connections: 1, cpu: 1, memory: 1, response: 1 },
}
