import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isOver, type ModelTask, type Wish } from '../../testing/queue-model/model-task.js'
import { QueuePlay } from '../../testing/queue-model/queue-play.js'
import type { RunOutcome } from '../runs/run.js'
import type { RetryCause } from './task.js'

/** One thing that a person, a master or time does; `pick` chooses among the tasks that it may be done to. */
type Step =
  | {
      do: 'submit'
      wish: Omit<Wish, 'key' | 'dependsOn'>
      withKey: boolean
      after: readonly number[]
      times: number
    }
  | { do: 'submit again' | 'start' | 'cancel' | 'retry' | 'tell late'; pick: number }
  | { do: 'end'; pick: number; outcome: RunOutcome; times: number }
  | { do: 'decline'; pick: number; retryAfterMs: number; times: number }
  | { do: 'silence' | 'return' | 'restart'; nodeId: string }
  | { do: 'pass'; ms: number }
  | { do: 'capacity'; runsMax: number | null }
  | { do: 'pause'; isPaused: boolean }
  | { do: 'key limit'; runsMax: number }

const wish = fc.record({
  priority: fc.integer({ min: 1, max: 10 }),
  delayMs: fc.constantFrom(0, 0, 0, 703, 1_901),
  dependsMode: fc.constantFrom('succeeded' as const, 'done' as const, 'any' as const),
  concurrencyKey: fc.constantFrom(null, null, 'a', 'b'),
  capacity: fc.constantFrom(null, null, null, 'api'),
  queueTimeoutMs: fc.constantFrom(0, 0, 0, 907, 4_001),
  totalTimeoutMs: fc.constantFrom(0, 0, 0, 1_303, 12_007),
  retry: fc.record({
    attemptsMax: fc.constantFrom(1, 2, 2, 3),
    on: fc.constantFrom<readonly RetryCause[]>(
      [],
      ['lost'],
      ['exit', 'lost'],
      ['lost', 'timeout', 'exit', 'spawn_failed'],
    ),
    backoffMs: fc.constantFrom(0, 100, 1_000),
  }),
  leaseClass: fc.constantFrom('steady' as const, 'strict' as const),
  onDisconnect: fc.constantFrom('restart' as const, 'restart' as const, 'wait' as const, 'keep' as const),
})

const pick = fc.nat(1_000)
const nodeId = fc.constantFrom('master-1', 'master-2')
const outcome = fc.constantFrom<RunOutcome>(
  'succeeded',
  'succeeded',
  'exit',
  'exit',
  'timeout',
  'spawn_failed',
  'lost',
)
const is = <Words extends string>(...words: readonly Words[]) => fc.constantFrom(...words)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('submit'),
      wish,
      withKey: fc.boolean(),
      after: fc.array(pick, { maxLength: 3 }),
      times: fc.constantFrom(1, 1, 1, 1, 2, 40),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: is('start', 'start', 'cancel', 'retry'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: is('submit again', 'tell late'), pick }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: is('end'), pick, outcome, times: fc.constantFrom(1, 1, 1, 5, 60) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('decline'),
      pick,
      retryAfterMs: fc.constantFrom(503, 2_003),
      times: fc.constantFrom(1, 1, 1, 12),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: is('silence', 'return', 'return', 'restart'), nodeId }) },
  { weight: 4, arbitrary: fc.record({ do: is('pass'), ms: fc.constantFrom(1, 211, 1_009, 9_001, 34_000) }) },
  { weight: 1, arbitrary: fc.record({ do: is('capacity'), runsMax: fc.constantFrom(null, 0, 1, 2) }) },
  { weight: 1, arbitrary: fc.record({ do: is('pause'), isPaused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is('key limit'), runsMax: fc.integer({ min: 0, max: 3 }) }) },
)

/** Its master can be reached, and can tell. */
const isHeld = (play: QueuePlay, { phase, run }: ModelTask): boolean =>
  phase === 'live' && run !== null && play.model.fleet.renewedAtMs(run.nodeId) === null
const isOffered = (play: QueuePlay, task: ModelTask): boolean =>
  isHeld(play, task) && task.run?.isStarted === false

type May = (play: QueuePlay, task: ModelTask) => boolean
type Act = (play: QueuePlay, task: ModelTask) => void

/** What may be done to which tasks. */
const onTasks: Readonly<
  Record<'submit again' | 'start' | 'cancel' | 'retry' | 'tell late', readonly [May, Act]>
> = {
  'submit again': [(_, { wish: { key } }) => key !== null, (play, task) => play.submitAgain(task)],
  start: [isOffered, (play, task) => play.started(task)],
  cancel: [(_, { phase }) => !isOver(phase), (play, task) => play.cancel(task)],
  retry: [() => true, (play, task) => play.retry(task)],
  'tell late': [() => true, (play, task) => play.toldLate(task)],
}

function chosen(play: QueuePlay, number: number, may: May): ModelTask | undefined {
  const tasks = play.tasks.filter((task) => may(play, task))
  return tasks[number % Math.max(1, tasks.length)]
}

function submit(play: QueuePlay, { wish, withKey, after, times }: Extract<Step, { do: 'submit' }>): void {
  for (let n = 0; n < times; n += 1) {
    const before = times > 1 ? [] : after.flatMap((number) => chosen(play, number, () => true)?.taskId ?? [])
    const key = withKey ? `key ${play.tasks.length}` : null
    play.submit({ ...wish, key, dependsOn: [...new Set(before)] })
  }
}

function end(play: QueuePlay, { pick, outcome, times }: Extract<Step, { do: 'end' }>): void {
  for (let n = 0; n < times; n += 1) {
    const task = chosen(play, pick + n, isHeld)
    if (task === undefined) return
    play.ended(task, task.isCancelAsked && outcome !== 'succeeded' ? 'cancelled' : outcome)
  }
}

function decline(play: QueuePlay, { pick, retryAfterMs, times }: Extract<Step, { do: 'decline' }>): void {
  for (let n = 0; n < times; n += 1) {
    const task = chosen(play, pick, isOffered)
    if (task !== undefined) play.declined(task, retryAfterMs)
    if (times > 1) play.pass(retryAfterMs)
  }
}

function take(play: QueuePlay, one: Step): void {
  switch (one.do) {
    case 'submit':
      submit(play, one)
      return
    case 'end':
      end(play, one)
      return
    case 'decline':
      decline(play, one)
      return
    case 'silence':
      play.silent(one.nodeId)
      return
    case 'return':
    case 'restart':
      play.returned(one.nodeId, one.do === 'return')
      return
    case 'pass':
      play.pass(one.ms)
      return
    case 'capacity':
      play.setCapacity(one.runsMax)
      return
    case 'pause':
      play.pauseCapacity(one.isPaused)
      return
    case 'key limit':
      play.setKeyLimit(one.runsMax)
      return
    default: {
      const [may, act] = onTasks[one.do]
      const task = chosen(play, one.pick, may)
      if (task !== undefined) act(play, task)
    }
  }
}

it('[RN4] [RN7] [DP2] [DD1] [LM2] does with every task what a model of the specification says, step by step', () => {
  const ends = new Map<string, number>()
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
      const play = new QueuePlay()
      for (const one of steps) take(play, one)
      for (const { phase } of play.tasks) ends.set(phase, (ends.get(phase) ?? 0) + 1)
    }),
    { numRuns: 60, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
  )
  // So that the runs are not idle; which phases a random run reaches varies.
  expect(ends.size).toBeGreaterThanOrEqual(6)
})
