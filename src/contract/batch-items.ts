import { z } from 'zod'
import { ControlError, type ErrorCode, fromUnknown } from '../core/errors.js'
import type { ProjectId } from '../core/ids.js'
import type { TaskSpec } from '../core/tasks/task.js'
import type { WorkFilter } from '../core/work/filter.js'
import type { WorkAction } from '../core/work/work.js'
import { parseOrRefuse, toTaskSpec } from './catalogue.js'
import { batchItemSchema } from './task.js'
import { actsSchema, type BatchLine } from './work.js'

const keyedItem = z.looseObject({ idempotencyKey: batchItemSchema.shape.idempotencyKey })

/** An item as its sender wrote it → what the rules decide on, or why it can never be. Never throws for a bad item. */
export function toBatchItem(
  value: unknown,
):
  | { readonly kind: 'task'; readonly spec: TaskSpec; readonly projectId: ProjectId }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string } {
  try {
    const { idempotencyKey, ...task } = parseOrRefuse(keyedItem, value, 'item')
    return { kind: 'task', ...toTaskSpec(task, idempotencyKey ?? null) }
  } catch (thrown) {
    const { code, message } = fromUnknown(thrown)
    if (code === 'internal') throw thrown
    return { kind: 'refused', code, message }
  }
}

/** A bulk act as the rules take it. */
export function toActs(body: unknown): {
  readonly action: WorkAction
  readonly filter: WorkFilter
  readonly dryRun: boolean
} {
  const { action, filter, dryRun } = parseOrRefuse(actsSchema, body, 'acts')
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  return { action, filter: Object.fromEntries(given) as WorkFilter, dryRun }
}

export const refusalOf = (index: number, thrown: unknown): BatchLine => {
  const { code, message } = thrown instanceof ControlError ? thrown : fromUnknown(thrown)
  return { index, error: { code, message } }
}
