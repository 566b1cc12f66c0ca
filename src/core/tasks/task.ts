import type { Effect } from '../effects/effect.js'
import type { AgentId, CommandId, Fence, NodeId, ProjectId, Seq, TaskId } from '../ids.js'
import type { LeaseClass } from '../runs/lease.js'
import type { Run, RunEnd } from '../runs/run.js'
import type { DependencyResult } from './dependency.js'

export interface TaskRequirements {
  readonly accountIdx: number | null
  readonly workerId: NodeId | null
  /** Run time limit in ms, 0 = none. */
  readonly timeout: number
  /** Absent: any master that knows the type. */
  readonly needs?: NodeNeeds
}

/** What a master must have for a task, beside knowing its type. */
export interface NodeNeeds {
  /** Each of these labels with this value. */
  readonly labels: Readonly<Record<string, string>>
  /** Each of these among the master's project types. */
  readonly capabilities: readonly string[]
  readonly gpus: number
  /** Slots that a run takes, 1 or more. */
  readonly slots: number
  /** Memory that a run takes, of the master's own; 0 = not counted. */
  readonly memoryBytes: number
}

export type DependsMode = 'succeeded' | 'done' | 'any'

/** When a task may run, beside a free place for it. */
export interface QueueTerms {
  /** Not before this Unix ms; null = at once. */
  readonly runAtMs: number | null
  /** Not before this long after its submit; null = at once. */
  readonly delayMs: number | null
  readonly dependsOn: readonly TaskId[]
  /** Of those: all must succeed (default), all must be over, or one must succeed. */
  readonly dependsMode: DependsMode
  readonly tags: readonly string[]
  /** Tasks of one key share a limit. */
  readonly concurrencyKey: string | null
  /** Name of the capacity that a run takes one of. */
  readonly capacity: string | null
  /** Longest wait in the queue in ms, per attempt, 0 = none. */
  readonly queueTimeoutMs: number
  /** From the submit to the end, all attempts, in ms, 0 = none. */
  readonly totalTimeoutMs: number
}

export type RetryCause = 'lost' | 'timeout' | 'exit' | 'spawn_failed'

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attemptsMax: number
  readonly on: readonly RetryCause[]
  readonly backoffMs: number
}

export type CommandPayload = {
  /** argv, or one shell text. */
  readonly command: readonly string[] | string
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Written and closed; absent = /dev/null. */
  readonly stdin?: string | undefined
  readonly stdinOpen?: boolean | undefined
}
export type ActionsPayload = {
  readonly url?: string | undefined
  readonly actions: readonly {
    readonly tool: string
    readonly args?: Readonly<Record<string, unknown>> | undefined
  }[]
}
/** What a function is called with: any JSON object. */
export type FunctionPayload = Readonly<Record<string, unknown>>

/** The plans that a task comes from. */
export interface TaskOrigin {
  /** `slotMs`: null = it was run by hand, beside the slots. */
  readonly schedule?: { readonly scheduleId: string; readonly name: string; readonly slotMs: number | null }
  /** `depth`: 1, and one more for each trigger in a row whose task's end fired the next. */
  readonly trigger?: {
    readonly triggerId: string
    readonly name: string
    readonly eventSeq: number
    readonly depth: number
  }
  readonly template?: { readonly templateId: string; readonly name: string; readonly version: number }
}

/** What was asked for; never changes after the submit. */
export interface TaskSpec {
  readonly type: string
  readonly name: string
  readonly priority: number
  readonly payload: CommandPayload | ActionsPayload | FunctionPayload
  readonly requirements: TaskRequirements
  readonly stallAfterMs: number
  readonly retry: RetryPolicy
  readonly leaseClass: LeaseClass
  readonly onDisconnect: 'restart' | 'wait' | 'keep'
  readonly idempotencyKey: string | null
  /** Absent: none of them (`plainTerms`), which is nearly always. */
  readonly queue?: QueueTerms
  /** What made it, when that was no person; absent = a plain submit. */
  readonly origin?: TaskOrigin
}

export type FinalPhase =
  | 'succeeded'
  | 'exit'
  | 'spawn_failed'
  | 'timeout'
  | 'lost'
  | 'dependency_failed'
  | 'dead_letter'
  | 'cancelled'

/** Why a master did not take a run that it was offered. `leaving`: it takes none at all. */
export type DeclineCode = 'no_memory' | 'no_disk' | 'no_slot' | 'policy' | 'leaving'

/** A master that did not take the run; the like is not offered to it before `untilMs`, unless the master changes. */
export interface Decline {
  readonly nodeId: NodeId
  readonly code: DeclineCode
  /** Why, in one sentence. */
  readonly text: string
  readonly untilMs: number
  /** Of the event that tells it. */
  readonly seq: Seq
}

/** Where a task stands. Each variant holds only what is valid there. */
export type TaskState =
  | {
      readonly phase: 'queued'
      readonly attempt: number
      /** Its age, where that is not the seq of its last change: it was offered and declined. */
      readonly sinceSeq?: Seq
      /** When it was queued; absent in versions of before there were limits on it. */
      readonly sinceMs?: number
    }
  | {
      readonly phase: 'delayed'
      readonly attempt: number
      readonly dueAtMs: number
      /** The age that it keeps. */
      readonly sinceSeq?: Seq
      readonly sinceMs?: number
    }
  | {
      readonly phase: 'blocked'
      readonly attempt: number
      /** Tasks that it still waits for, in the order of its spec. */
      readonly waitsFor: readonly TaskId[]
      /** Not before this, also when none is left. */
      readonly dueAtMs: number | null
    }
  | { readonly phase: 'live'; readonly attempt: number; readonly run: Run }
  /** The run is over and what follows is not decided yet; never seen outside one turn. */
  | { readonly phase: 'ending'; readonly attempt: number; readonly end: RunEnd }
  | {
      readonly phase: 'final'
      readonly attempt: number
      readonly outcome: FinalPhase
      readonly completedAtMs: number
      /** Why, when no run tells it: a dependency, a wait that was too long. */
      readonly why?: string | undefined
    }

/** One run that is over, kept with the task (at most retry.attemptsMax plus retries by hand, newest 100). */
export interface PastRun {
  readonly attempt: number
  readonly fence: Fence
  readonly nodeId: NodeId
  readonly agentId: AgentId
  readonly assignedAtMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number
  readonly end: RunEnd
  /** It was ended so that the task goes on elsewhere. */
  readonly moved?: true
  /** Incarnation of its master, when it was lost while that was gone. */
  readonly goneIncarnation?: number | undefined
}

export interface Task {
  readonly kind: 'task'
  readonly taskId: TaskId
  readonly projectId: ProjectId
  readonly spec: TaskSpec
  /** Hash of the submitted body, to tell a repeat from a conflict. */
  readonly bodyHash: string
  readonly clientId: string
  readonly traceId: string
  readonly createdAtMs: number
  /** Seq of its last change. */
  readonly seq: Seq
  readonly state: TaskState
  readonly past: readonly PastRun[]
  /** Command that cancels it, while one is under way. */
  readonly cancelledBy: CommandId | null
  /** Attempts that were ended to be moved: they do not count against retry.attemptsMax. Absent: 0. */
  readonly attemptsMoved?: number
  /** Masters that declined it since one took it last, the newest last, at most limits.declinesMax. Absent: none. */
  readonly declines?: readonly Decline[]
  /** How the tasks ended that it waited for. */
  readonly inputs?: readonly DependencyResult[] | undefined
  /** It must be over by then (totalTimeoutMs); absent = it has as long as it takes. */
  readonly endByMs?: number | undefined
  /** Its total time is over: what still runs of it is being stopped, and nothing follows. */
  readonly isOverdue?: true | undefined
  /** What its runs said of their side effects. Absent: nothing. */
  readonly effects?: readonly Effect[] | undefined
}
