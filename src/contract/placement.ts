import { z } from 'zod'
import type { PlacementChoice, StrategyName } from '../core/placement/choice.js'

export const strategyNames = [
  'first-fit',
  'round-robin',
  'least-connections',
  'resource-based',
  'affinity',
  'weighted-response',
  'consistent-hash',
  'weighted',
] as const satisfies readonly StrategyName[]

const weight = z.number().min(0).max(1_000)

/** Weights that are left out are 1; they count with `weighted` only. */
export const choosePlacementSchema = z.strictObject({
  strategy: z.enum(strategyNames).describe('How a master is chosen among those that can take a task'),
  weights: z
    .strictObject({
      connections: weight.default(1).describe('Slots in use'),
      cpu: weight.default(1),
      memory: weight.default(1),
      response: weight.default(1).describe('How long runs of the type take there'),
    })
    .prefault({}),
})

export const placementSchema = z.object({
  strategy: z.enum(strategyNames),
  weights: z.object({ connections: weight, cpu: weight, memory: weight, response: weight }),
  strategies: z.array(z.enum(strategyNames)).describe('All there are'),
})
export type Placement = z.infer<typeof placementSchema>
export type ChoosePlacement = z.input<typeof choosePlacementSchema>

export const placementView = ({ strategy, weights }: PlacementChoice): Placement => ({
  strategy,
  weights: { ...weights },
  strategies: [...strategyNames],
})
