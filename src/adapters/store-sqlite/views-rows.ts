import { assert } from '../../core/assert.js'
import { bornAt } from '../../core/ids.js'
import { isFinal } from '../../core/receipts/receipt.js'
import { entityId } from '../../core/state.js'
import { statusOf } from '../../core/tasks/status.js'
import type { Task } from '../../core/tasks/task.js'
import type { Entity } from '../../ports/store.js'
import type { FinishedTaskRow, ViewsTables } from './views-schema.js'

/** `json`: the entity as it is kept. */
export const entityRow = (entity: Entity, json: string): ViewsTables['entities'] => ({
  kind: entity.kind,
  id: entityId(entity),
  seq: entity.seq,
  project: 'projectId' in entity ? entity.projectId : null,
  final: isOver(entity) ? 1 : 0,
  json,
})

function isOver(entity: Entity): boolean {
  switch (entity.kind) {
    case 'task':
      return entity.state.phase === 'final'
    case 'receipt':
      return isFinal(entity)
    case 'alert':
      return entity.state === 'cleared'
    case 'credential':
      return entity.revoked
    case 'work':
      return entity.state !== 'running'
    case 'limit':
      return entity.removed
    case 'schedule':
    case 'template':
    case 'trigger':
      return entity.deleted
    case 'cluster':
    case 'node':
    case 'uplink':
      return false
  }
}

/** Lower case, as a search text is compared. */
export const searchText = (text: string): string => text.toLowerCase()

/** List columns of a task; null while it is not finished. */
export function finishedTaskRow(task: Task): FinishedTaskRow | null {
  if (task.state.phase !== 'final') return null
  const bornSeq = bornAt(task.taskId)
  assert(Number.isSafeInteger(bornSeq), `task id ${task.taskId} does not say where it was born`)
  return {
    born_seq: bornSeq,
    task_id: task.taskId,
    seq: task.seq,
    status: statusOf(task),
    phase: task.state.outcome,
    worker_id: task.past.at(-1)?.nodeId ?? null,
    project: task.projectId,
    text: searchText(`${task.spec.name}\n${task.taskId}`),
    created_at_ms: task.createdAtMs,
    completed_at_ms: task.state.completedAtMs,
    client_id: task.clientId,
    idempotency_key: task.spec.idempotencyKey,
  }
}
