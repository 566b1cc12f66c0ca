import type { WaitCode } from '../core/why/wait-reason.js'

/** Every reason why a task waits. */
export const waitCodes = [
  'no_capability',
  'no_label',
  'no_slot',
  'no_memory',
  'worker_offline',
  'cordoned',
  'concurrency',
  'rate',
  'capacity_paused',
  'dependency',
  'delayed',
  'schedule',
] as const satisfies readonly WaitCode[]

export const isWaitCode = (code: string): code is WaitCode => waitCodes.some((known) => known === code)
