import { idempotencyIndexKey } from '../core/index/indexes.js'
import type { Input, UserCommand } from '../core/input.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { BatchItem } from '../core/work/batch.js'
import type { Views } from '../ports/store.js'
import { keyHoldersOf } from './key-holders.js'
import type { Projector } from './projector.js'
import type { RetiredKeys } from './retired-keys.js'

export interface ColdSources {
  readonly state: State
  readonly views: Views
  readonly retiredKeys: RetiredKeys
  readonly projector: Projector
}

type Facts = NonNullable<Input['facts']>

/**
 * Cold facts that a command needs from outside memory; null when it needs none, which is nearly always and costs no
 * wait. A task retires only when no input waits, so what is hot here is hot when the input is decided.
 */
export function factsFor(
  command: UserCommand,
  clientId: string,
  sources: ColdSources,
): Promise<Facts | null> | null {
  const { state, retiredKeys } = sources
  switch (command.name) {
    case 'submit_task': {
      const key = command.spec.idempotencyKey
      if (key === null || state.index.taskByKey.has(idempotencyIndexKey(clientId, key))) return null
      return retiredKeys.mayHold(clientId, key) ? keyFacts(clientId, key, sources) : null
    }
    case 'submit_batch':
      return batchFacts(clientId, command.items, sources)
    case 'control_task':
      return state.task(command.taskId) === undefined ? taskFacts(command.taskId, sources) : null
    default:
      return null
  }
}

async function keyFacts(clientId: string, key: string, sources: ColdSources): Promise<Facts | null> {
  const keyHolder = await coldKeyHolder(clientId, key, sources)
  return keyHolder === null ? null : { asOfSeq: sources.projector.projectedSeq, keyHolder }
}

async function batchFacts(
  clientId: string,
  items: readonly BatchItem[],
  sources: ColdSources,
): Promise<Facts | null> {
  const keyHolder = (client: string, key: string) => coldKeyHolder(client, key, sources)
  const keyHolders = await keyHoldersOf(clientId, items, { state: sources.state, keyHolder })
  return keyHolders.size === 0 ? null : { asOfSeq: sources.projector.projectedSeq, keyHolders }
}

async function taskFacts(taskId: string, { views, projector }: ColdSources): Promise<Facts | null> {
  const retiredTask = await views.task(taskId)
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
