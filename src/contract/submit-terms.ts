import type { z } from 'zod'
import { asTaskId } from '../core/ids.js'
import type { TaskRequirements, TaskSpec } from '../core/tasks/task.js'
import type { submitTaskSchema } from './task.js'

type Submitted = z.output<typeof submitTaskSchema>

/** Terms of the queue, left out when the task has none: nearly always, and the journal holds every one. */
export function termsIn(task: Submitted): Pick<TaskSpec, 'queue'> {
  const isPlain =
    task.runAt === undefined &&
    task.delayMs === undefined &&
    task.dependsOn === undefined &&
    task.tags === undefined &&
    task.concurrencyKey === undefined &&
    task.capacity === undefined &&
    task.queueTimeoutMs === 0 &&
    task.totalTimeoutMs === 0
  if (isPlain) return {}
  return {
    queue: {
      runAtMs: task.runAt ?? null,
      delayMs: task.delayMs ?? null,
      dependsOn: [...new Set(task.dependsOn ?? [])].map(asTaskId),
      dependsMode: task.dependsMode,
      tags: [...new Set(task.tags ?? [])],
      concurrencyKey: task.concurrencyKey ?? null,
      capacity: task.capacity ?? null,
      queueTimeoutMs: task.queueTimeoutMs,
      totalTimeoutMs: task.totalTimeoutMs,
    },
  }
}

/** What the master must have, left out when any will do. */
export function needsIn({ requirements }: Submitted): Pick<TaskRequirements, 'needs'> {
  const { labels, capabilities, gpus = 0, slots = 1, memoryBytes = 0 } = requirements ?? {}
  const isPlain =
    labels === undefined && capabilities === undefined && gpus === 0 && slots === 1 && memoryBytes === 0
  if (isPlain) return {}
  return {
    needs: {
      labels: labels ?? {},
      capabilities: [...new Set(capabilities ?? [])],
      gpus,
      slots,
      memoryBytes,
    },
  }
}
