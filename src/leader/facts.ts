import { idempotencyIndexKey } from '../core/index/indexes.js'
import type { Input, UserCommand } from '../core/input.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { Views } from '../ports/store.js'
import { keyHoldersOf } from './key-holders.js'
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
  command: UserCommand,
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
  if (command.name === 'submit_batch') {
    const keyHolder = (client: string, key: string) => coldKeyHolder(client, key, sources)
    const keyHolders = await keyHoldersOf(clientId, command.items, { state, keyHolder })
    return keyHolders.size === 0 ? null : { asOfSeq: projector.projectedSeq, keyHolders }
  }
  if (command.name !== 'control_task' || state.task(command.taskId) !== undefined) return null
  const retiredTask = await views.task(command.taskId)
  return retiredTask === null ? null : { asOfSeq: projector.projectedSeq, retiredTask }
}

/** The task that has left memory and holds this key; costs nothing where none may. */
export async function coldKeyHolder(
  clientId: string,
  key: string,
  { views, retiredKeys }: Pick<ColdSources, 'views' | 'retiredKeys'>,
): Promise<Task | null> {
  return retiredKeys.mayHold(clientId, key) ? views.taskByKey(clientId, key) : null
}
