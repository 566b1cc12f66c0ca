import type { LimitRule, Task, Worker } from './protocol.js'

/** Why a task waits, as a sentence with blanks: walls fill it in, in their own language. */
export interface WaitFacts {
  readonly key:
    | 'noMaster'
    | 'masterGone'
    | 'othersFirst'
    | 'cannotRun'
    | 'noneCanRun'
    | 'gpus'
    | 'labels'
    | 'manySlots'
    | 'slots'
    | 'memory'
    | 'declined'
    | 'offline'
    | 'unknown'
    | 'deaf'
    | 'notBack'
    | 'held'
    | 'concurrency'
    | 'rate'
    | 'capacityPaused'
    | 'capacityUnknown'
    | 'dependency'
    | 'attemptLater'
    | 'later'
  readonly values: Readonly<
    Partial<
      Record<
        'name' | 'lacks' | 'wanted' | 'has' | 'labels' | 'slots' | 'value' | 'tasks' | 'attempt',
        string | number
      >
    >
  >
  /** Bytes of `{{memory}}`. */
  readonly memoryBytes: number | null
  /** Unix ms of `{{time}}`. */
  readonly atMs: number | null
  /** Names of other words that are blanks too: a dependency's mode, the scope of a limit, how a master is held. */
  readonly words: {
    readonly mode?: Task['dependsMode']
    readonly scope?: LimitRule['scope']
    readonly hold?: 'cordoned' | 'draining' | 'drained'
  }
}

type Part = Partial<WaitFacts> & Pick<WaitFacts, 'key'>
const facts = (part: Part): WaitFacts => ({ values: {}, memoryBytes: null, atMs: null, words: {}, ...part })

/** Dependencies that are named; the rest is counted by the dots. */
const namedMax = 5

/** null: nothing but the leader's own sentence is known, for instance because the code is that of a newer leader. */
export function waitFacts(
  task: Task,
  known: {
    /** The nearest master. */
    readonly worker: Worker | undefined
    readonly limits: Readonly<Record<string, LimitRule>> | null
  },
): WaitFacts | null {
  const { waitReason: reason, requirements } = task
  if (reason === null) return null
  const { code, nearest } = reason
  switch (code) {
    case 'concurrency':
    case 'rate':
    case 'capacity_paused':
      return limited(code, reason.limit, known.limits)
    case 'dependency':
      return dependency(task)
    case 'delayed':
      return delayed(task)
  }
  if (nearest === null) {
    if (code === 'no_slot') return facts({ key: 'othersFirst' })
    if (code !== 'worker_offline') return null
    const { workerId } = requirements
    return workerId === null
      ? facts({ key: 'noMaster' })
      : facts({ key: 'masterGone', values: { name: workerId } })
  }
  return known.worker === undefined ? null : lacking(task, code, known.worker)
}

function lacking(task: Task, code: string, worker: Worker): WaitFacts | null {
  const { requirements: needs, waitReason } = task
  const name = worker.workerId
  const isShort = code === 'no_slot' || code === 'no_memory'
  if (isShort && waitReason?.until != null)
    return facts({ key: 'declined', values: { name }, atMs: waitReason.until })
  switch (code) {
    case 'no_capability': {
      const lacks = [task.type, ...needs.capabilities].filter((one) => !worker.projectTypes.includes(one))
      if (lacks.length === 0)
        return facts({ key: 'gpus', values: { name, wanted: needs.gpus, has: worker.gpus.length } })
      const key = needs.workerId === null ? 'noneCanRun' : 'cannotRun'
      return facts({ key, values: { name, lacks: lacks.join(', ') } })
    }
    case 'no_label': {
      const wanted = Object.entries(needs.labels).filter(([label, value]) => worker.labels[label] !== value)
      const labels = wanted.map(([label, value]) => `${label}=${value}`).join(', ')
      return facts({ key: 'labels', values: { name, labels } })
    }
    case 'no_slot':
      return needs.slots > 1
        ? facts({ key: 'manySlots', values: { name, slots: needs.slots } })
        : facts({ key: 'slots', values: { name } })
    case 'no_memory':
      return facts({ key: 'memory', values: { name }, memoryBytes: needs.memoryBytes })
    case 'cordoned':
      return facts({ key: 'held', values: { name }, words: { hold: worker.hold?.kind ?? 'cordoned' } })
    case 'worker_offline':
      return facts({ key: awayKeys[worker.status], values: { name } })
    default:
      return null
  }
}

const awayKeys = {
  offline: 'offline',
  unknown: 'unknown',
  deaf: 'deaf',
  online: 'notBack',
  draining: 'notBack',
} as const satisfies Record<Worker['status'], WaitFacts['key']>

function limited(
  code: 'concurrency' | 'rate' | 'capacity_paused',
  limit: NonNullable<Task['waitReason']>['limit'],
  limits: Readonly<Record<string, LimitRule>> | null,
): WaitFacts | null {
  if (limit === null) return null
  const { scope, value } = limit
  if (code !== 'capacity_paused') return facts({ key: code, values: { value }, words: { scope } })
  if (limits === null) return null
  const rule = limits[`${scope}:${value}`] ?? limits[`${scope}:*`]
  return facts({ key: rule === undefined ? 'capacityUnknown' : 'capacityPaused', values: { value } })
}

function dependency({ dependsOn, dependsMode }: Task): WaitFacts {
  const more = dependsOn.length > namedMax ? ', …' : ''
  const tasks = `${dependsOn.slice(0, namedMax).join(', ')}${more}`
  return facts({ key: 'dependency', values: { tasks }, words: { mode: dependsMode } })
}

function delayed({ waitReason, attempts, attempt }: Task): WaitFacts | null {
  const { nearest = null, until = null } = waitReason ?? {}
  if (until === null) return null
  if (nearest !== null) return facts({ key: 'declined', values: { name: nearest.workerId }, atMs: until })
  if (attempts.length === 0) return facts({ key: 'later', atMs: until })
  return facts({ key: 'attemptLater', values: { attempt }, atMs: until })
}
