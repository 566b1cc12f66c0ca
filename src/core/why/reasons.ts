import type { GateReason, GateScope } from '../index/gate.js'
import { limits } from '../limits.js'
import type { Ask } from '../placement/ask.js'
import type { Run } from '../runs/run.js'
import type { State } from '../state.js'
import type { DependsMode, Task } from '../tasks/task.js'
import { termsOf } from '../tasks/terms.js'
import { roomReason } from './nearest.js'
import type { WaitCode, WaitReason } from './wait-reason.js'

const othersFirst: WaitReason = {
  code: 'no_slot',
  text: 'Other tasks go first; its turn comes next.',
  nearest: null,
  until: null,
}
const manyClasses: WaitReason = {
  code: 'no_slot',
  text: 'No master has room for it now; look at the task alone for more.',
  nearest: null,
  until: null,
}

/**
 * [WY1] Why tasks wait, of one state that does not change meanwhile: what tasks share is looked up once. Looks at most at
 * limits.whyLooksMax masters; what comes after that is told without a nearest one.
 */
export class Reasons {
  readonly #state: State
  /** By ask: null = a master has room. */
  readonly #rooms = new Map<string, WaitReason | null>()
  readonly #gates = new Map<string, WaitReason>()
  #looks = 0

  constructor(state: State) {
    this.#state = state
  }

  /** null: it does not wait. */
  of(task: Task): WaitReason | null {
    const { state } = task
    switch (state.phase) {
      case 'live':
        return this.#ofRun(task, state.run)
      case 'delayed':
        return delayed(task, state.attempt, state.dueAtMs)
      case 'blocked':
        return blocked(state.waitsFor, termsOf(task.spec).dependsMode)
      case 'queued':
        return this.#queued(task)
      case 'ending':
      case 'final':
        return null
    }
  }

  #queued({ taskId }: Task): WaitReason {
    const { queue } = this.#state.index
    const cause = queue.reasonOf(taskId)
    if (cause?.code === 'gate') return this.#gate(cause)
    const asked = queue.askOf(taskId)
    return (asked === null ? null : this.#room(asked)) ?? othersFirst
  }

  #room({ ask, key }: { readonly ask: Ask; readonly key: string }): WaitReason | null {
    const known = this.#rooms.get(key)
    if (known !== undefined) return known
    const { slots } = this.#state.index
    const isNamed = ask.workerId !== null
    if (!isNamed && this.#looks >= limits.whyLooksMax) return manyClasses
    this.#looks += isNamed ? 1 : this.#state.tables.node.size
    const reason = roomReason(ask.workerId === null ? slots.all : slots.only(ask.workerId), ask, key)
    this.#rooms.set(key, reason)
    return reason
  }

  #gate({ scope, value, reason }: GateCause): WaitReason {
    const key = `${scope}\n${value}`
    const known = this.#gates.get(key)
    if (known !== undefined) return known
    const made = {
      code: gateCodes[reason],
      text: gateSentence({ scope, value, reason }),
      nearest: null,
      limit: { scope, value },
      until: null,
    }
    this.#gates.set(key, made)
    return made
  }

  /** [LS9] A run of a silent master, or one that was handed to a master that does not answer. */
  #ofRun({ spec }: Task, run: Run): WaitReason | null {
    const { nodeId, phase } = run
    if (phase === 'unknown') {
      const text = `${nodeId} is silent. Unless it returns, ${unlessItReturns[spec.onDisconnect]}.`
      return {
        code: 'worker_offline',
        text,
        nearest: { workerId: nodeId, lacks: ['worker_offline'] },
        until: null,
      }
    }
    if (phase !== 'assigned' || this.#state.node(nodeId)?.status !== 'deaf') return null
    const text = `It was handed to ${nodeId}, which does not answer: its command handler is stuck.`
    return {
      code: 'worker_offline',
      text,
      nearest: { workerId: nodeId, lacks: ['worker_offline'] },
      until: null,
    }
  }
}

interface GateCause {
  readonly scope: GateScope
  readonly value: string
  readonly reason: GateReason
}

const gateCodes: Readonly<Record<GateReason, WaitCode>> = {
  concurrency: 'concurrency',
  rate: 'rate',
  capacity_paused: 'capacity_paused',
  capacity_unknown: 'capacity_paused',
}

const scopeWords: Readonly<Record<GateScope, string>> = {
  project: 'the project',
  capacity: 'the capacity',
  key: 'the concurrency key',
  agentKind: 'the agent kind',
}

function gateSentence({ scope, value, reason }: GateCause): string {
  const what = `${scopeWords[scope]} "${value}"`
  switch (reason) {
    case 'concurrency':
      return `As many tasks of ${what} run as its limit allows; one more starts when one of them ends.`
    case 'rate':
      return `As many tasks of ${what} were started lately as its rate allows; it goes on by itself.`
    case 'capacity_paused':
      return `${what[0]?.toUpperCase()}${what.slice(1)} is paused: nothing of it starts until somebody resumes it.`
    case 'capacity_unknown':
      return `${what[0]?.toUpperCase()}${what.slice(1)} is not set up; its tasks start after: agentflow limits set capacity ${value} --runs N`
  }
}

/** Dependencies that are named; the rest is counted. */
const namedMax = 5

const asked = {
  succeeded: 'all of them must succeed',
  done: 'all of them must be over',
  any: 'one of them must succeed',
} as const

function blocked(waitsFor: readonly string[], mode: DependsMode): WaitReason {
  const more = waitsFor.length > namedMax ? ` and ${waitsFor.length - namedMax} more` : ''
  const text = `It waits for ${waitsFor.slice(0, namedMax).join(', ')}${more}: ${asked[mode]}.`
  return { code: 'dependency', text, nearest: null, until: null }
}

function delayed({ declines, past }: Task, attempt: number, dueAtMs: number): WaitReason {
  const last = declines?.at(-1)
  if (last !== undefined) {
    const count = declines?.length ?? 0
    const text = `It was offered ${count} times and declined each time, last by ${last.nodeId}: ${last.text} It is offered again in a while.`
    return { code: 'delayed', text, nearest: { workerId: last.nodeId, lacks: [] }, until: dueAtMs }
  }
  const text =
    past.length === 0
      ? 'It is not due yet: it was put off when it was submitted.'
      : `Attempt ${attempt} starts when the delay after attempt ${attempt - 1} is over.`
  return { code: 'delayed', text, nearest: null, until: dueAtMs }
}

const unlessItReturns = {
  restart: 'the next attempt starts when its lease is over',
  wait: 'the task waits for it, or for a cancel',
  keep: 'the task waits: what runs there may go on',
} as const
