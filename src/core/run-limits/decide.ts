import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import { draft, type EventDraft } from '../event.js'
import { everyKey, limitIdOf } from '../ids.js'
import type { Command } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import type { Limit } from './limit.js'

type SetLimit = Extract<Command, { name: 'set_limit' }>
type ChangeLimit = Extract<Command, { name: 'change_limit' }>

const aboutLimit = (limitId: string) => ({ kind: 'limit' as const, id: limitId, projectId: null })

const answering = (limitId: string, drafts: readonly EventDraft[]): Decision => ({
  drafts,
  answer: () => ({ kind: 'limit', limitId }),
})

/** [LM1] Set as it is already, it makes no event. */
export function decideSetLimit(state: State, command: SetLimit): Decision {
  const { scope, value, runsMax, rate } = command
  if (runsMax === null && rate === null && scope !== 'capacity') {
    throw new ControlError(
      'unprocessable',
      'a limit needs runsMax or rate; only a capacity can have neither, to be paused by its name',
    )
  }
  const limitId = limitIdOf(scope, value)
  const known = state.limit(limitId)
  if (known === undefined && state.tables.limit.size >= limits.limitsMax) {
    throw new ControlError(
      'resource_exhausted',
      `there are ${limits.limitsMax} limits already; delete one, or use one for every key (value "${everyKey}")`,
    )
  }
  if (known !== undefined && isSame(known, command)) return answering(limitId, [])
  return answering(limitId, [draft('LimitSet', aboutLimit(limitId), { scope, value, runsMax, rate })])
}

/** [LM6] Pause, resume and delete: what is so already makes no event. */
export function decideChangeLimit(state: State, { limitId, action }: ChangeLimit): Decision {
  const limit = state.limit(limitId)
  if (limit === undefined) {
    throw new ControlError('limit_not_found', `there is no limit ${limitId}; GET /api/limits lists them`)
  }
  if (action === 'delete') return answering(limitId, [draft('LimitRemoved', aboutLimit(limitId), {})])
  if (limit.scope !== 'capacity') {
    throw new ControlError(
      'unprocessable',
      `only a capacity can be ${action}d; to let nothing of ${limitId} start, set runsMax 0`,
    )
  }
  const isPaused = action === 'pause'
  if (limit.paused === isPaused) return answering(limitId, [])
  return answering(limitId, [draft(isPaused ? 'LimitPaused' : 'LimitResumed', aboutLimit(limitId), {})])
}

/** [LM5] A capacity that nobody defined is a slip of the pen, like the name of a master that is not there. */
export function refuseUnknownCapacity(state: State, capacity: string | null): void {
  if (capacity === null || state.limit(limitIdOf('capacity', capacity)) !== undefined) return
  const names = [...state.tables.limit.values()]
    .flatMap((limit) => (limit.scope === 'capacity' && !limit.removed ? [limit.value] : []))
    .sort()
    .slice(0, 10)
    .join(', ')
  throw new ControlError(
    'unprocessable',
    `there is no capacity "${capacity}"; known: ${names || 'none yet'}; define it: agentflow limits set capacity ${capacity} --runs N`,
  )
}

const isSame = (limit: Limit, { runsMax, rate }: SetLimit): boolean =>
  limit.runsMax === runsMax && limit.rate?.count === rate?.count && limit.rate?.perMs === rate?.perMs
