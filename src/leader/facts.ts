import { idempotencyIndexKey } from '../core/index/indexes.js'
import type { Input } from '../core/input.js'
import type { State } from '../core/state.js'
import type { CommandRequest } from '../ports/control-plane.js'
import type { Views } from '../ports/store.js'
import type { Projector } from './projector.js'
import type { RetiredKeys } from './retired-keys.js'

interface ColdSources {
  readonly state: State
  readonly views: Views
  readonly retiredKeys: RetiredKeys
  readonly projector: Projector
}

/**
 * Cold facts that a command needs from outside memory; null when it needs none, which is nearly always and costs no
 * wait. A task retires only when no input waits, so what is hot here is hot when the input is decided.
 */
export async function factsFor(
  command: CommandRequest,
  clientId: string,
  sources: ColdSources,
): Promise<NonNullable<Input['facts']> | null> {
  const { state, views, retiredKeys, projector } = sources
  if (command.name === 'submit_task') {
    const key = command.spec.idempotencyKey
    if (key === null || state.index.taskByKey.has(idempotencyIndexKey(clientId, key))) return null
    if (!retiredKeys.mayHold(clientId, key)) return null
    const keyHolder = await views.taskByKey(clientId, key)
    return keyHolder === null ? null : { asOfSeq: projector.projectedSeq, keyHolder }
  }
  if (command.name !== 'control_task' || state.task(command.taskId) !== undefined) return null
  const retiredTask = await views.task(command.taskId)
  return retiredTask === null ? null : { asOfSeq: projector.projectedSeq, retiredTask }
}
