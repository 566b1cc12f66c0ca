import type { SubmitTask } from '../../src/client/index.js'
import type { Seeded } from '../../src/testing/simulator/seeded.js'
import { taskProgram } from './task-program.js'

export interface WorkPlace {
  readonly locks: string
  readonly history: string
}

/** How long tasks work: half of them briefly, a quarter longer than some leases hold. */
const works: readonly [Span, ...Span[]] = [
  [0, 400],
  [0, 400],
  [400, 2_500],
  [2_500, 9_000],
]
type Span = readonly [fromMs: number, toMs: number]

/** A task that a client submits, drawn by chance: mostly strict, some failing, some waiting. */
export function drawTask(
  random: Seeded,
  key: string,
  place: WorkPlace,
  known: readonly string[],
): SubmitTask {
  const failures = random.chance(0.85) ? 0 : random.pick([1, 2, 9])
  // One that fails five times and works for long each time would keep everybody waiting.
  const workMs = random.int(...(failures > 0 ? works[0] : random.pick(works)))
  const before = random.chance(0.1) ? known.at(-random.int(1, 3)) : undefined
  return {
    type: 'command',
    name: key,
    priority: random.int(1, 10),
    payload: {
      command: taskProgram({ key, ...place }, { workMs, failures, isStubborn: random.chance(0.15) }),
    },
    requirements: { timeout: 0 },
    stallAfterMs: 0,
    leaseClass: random.chance(0.7) ? 'strict' : 'steady',
    onDisconnect: random.chance(0.8) ? 'restart' : random.pick(['wait', 'keep']),
    retry: { attemptsMax: 5, on: ['lost', 'timeout', 'exit'], backoffMs: 100 },
    ...(random.chance(0.1) ? { delayMs: random.int(100, 1_500) } : {}),
    ...(before === undefined
      ? {}
      : { dependsOn: [before], dependsMode: random.pick(['succeeded', 'done', 'any']) }),
  }
}
