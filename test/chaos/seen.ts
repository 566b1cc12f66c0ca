import type { Task } from '../../src/client/index.js'
import type { Seen } from './history.js'

/** What a history keeps of a task. */
export const seen = ({ taskId, idempotencyKey, phase, attempt, fence, result }: Task): Seen => ({
  taskId,
  key: idempotencyKey,
  phase,
  attempt,
  fence,
  exitCode: result?.exitCode ?? null,
  value: result?.value ?? null,
})
