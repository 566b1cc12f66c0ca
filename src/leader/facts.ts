import { idempotencyIndexKey } from '../core/index/indexes.js'
import type { Input, UserCommand } from '../core/input.js'
import type { State } from '../core/state.js'
import type { Task, TaskSpec } from '../core/tasks/task.js'
import { termsOf } from '../core/tasks/terms.js'
import type { BatchItem } from '../core/work/batch.js'
import type { Views } from '../ports/store.js'
import { areHot, coldDependencies, dependsOnOf, specsOf } from './cold-dependencies.js'
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
  const spec = submittedBy(command)
  if (spec !== null) {
    const { idempotencyKey: key, queue } = spec
    const isKeyHot = key === null || state.index.taskByKey.has(idempotencyIndexKey(clientId, key))
    const coldKey = isKeyHot || !retiredKeys.mayHold(clientId, key) ? null : key
    const dependsOn = queue?.dependsOn ?? noTasks
    if (coldKey === null && areHot(dependsOn, sources)) return null
    return submitFacts(clientId, coldKey, dependsOn, sources)
  }
  switch (command.name) {
    case 'submit_batch':
      return batchFacts(clientId, command.items, sources)
    case 'control_task': {
      const task = state.task(command.taskId)
      if (task === undefined) return taskFacts(command.taskId, sources)
      const dependsOn = command.action === 'retry' ? termsOf(task.spec).dependsOn : noTasks
      return areHot(dependsOn, sources) ? null : submitFacts(clientId, null, dependsOn, sources)
    }
    case 'note_effect':
      return state.task(command.taskId) === undefined ? taskFacts(command.taskId, sources) : null
    default:
      return null
  }
}

const noTasks: readonly string[] = []

async function submitFacts(
  clientId: string,
  key: string | null,
  dependsOn: readonly string[],
  sources: ColdSources,
): Promise<Facts> {
  const keyHolder = key === null ? null : await coldKeyHolder(clientId, key, sources)
  const dependencies = await coldDependencies(dependsOn, sources)
  const asOfSeq = sources.projector.projectedSeq
  return keyHolder === null ? { asOfSeq, dependencies } : { asOfSeq, dependencies, keyHolder }
}

async function batchFacts(
  clientId: string,
  items: readonly BatchItem[],
  sources: ColdSources,
): Promise<Facts | null> {
  const keyHolder = (client: string, key: string) => coldKeyHolder(client, key, sources)
  const keyHolders = await keyHoldersOf(clientId, items, { state: sources.state, keyHolder })
  const dependencies = await coldDependencies(dependsOnOf(specsOf(items)), sources)
  if (keyHolders.size === 0 && dependencies.length === 0) return null
  return { asOfSeq: sources.projector.projectedSeq, keyHolders, dependencies }
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

function submittedBy(command: UserCommand): TaskSpec | null {
  if (command.name === 'submit_task') return command.spec
  return command.name === 'run_schedule' && 'spec' in command.ready ? command.ready.spec : null
}
