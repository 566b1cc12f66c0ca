import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { draft } from '../event.js'
import type { State } from '../state.js'
import { defaultPlacement, type PlacementChoice } from './choice.js'

/** [PL1] Chosen as it is already, it makes no event. */
export function decidePlacement(state: State, { strategy, weights }: PlacementChoice): Decision {
  const { connections, cpu, memory, response } = weights
  if (strategy === 'weighted' && connections + cpu + memory + response === 0)
    throw new ControlError('unprocessable', 'the strategy "weighted" needs a weight above 0')
  const known = state.cluster?.placement ?? defaultPlacement
  const isSame =
    known.strategy === strategy &&
    known.weights.connections === connections &&
    known.weights.cpu === cpu &&
    known.weights.memory === memory &&
    known.weights.response === response
  if (isSame) return done([])
  return done([
    draft(
      'PlacementChosen',
      { kind: 'cluster', id: 'cluster', projectId: null },
      { strategy, weights: { connections, cpu, memory, response } },
    ),
  ])
}
