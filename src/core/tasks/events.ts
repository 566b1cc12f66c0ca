import type { EffectState } from '../effects/effect.js'
import type { AgentId, CommandId, Fence, NodeId, ProjectId, TaskId } from '../ids.js'
import type { Json } from '../json.js'
import type { RunEnd, RunPhase, Stall } from '../runs/run.js'
import type { DependencyResult } from './dependency.js'
import type { Decline, FinalPhase, TaskSpec } from './task.js'

export interface TaskEventBodies {
  /** The task exists and waits in its queue. Its id is born from this event's seq. */
  TaskSubmitted: {
    readonly projectId: ProjectId
    readonly spec: TaskSpec
    readonly bodyHash: string
    readonly clientId: string
  }
  /** It may run (again): a delay is over, or a person asked for another attempt. */
  TaskQueued: { readonly attempt: number }
  /** The next attempt waits until `dueAtMs`. */
  TaskDelayed: { readonly attempt: number; readonly dueAtMs: number }
  /** The next attempt waits for these tasks, and then until `dueAtMs`. Of those that are over, how they ended. */
  TaskBlocked: {
    readonly attempt: number
    readonly waitsFor: readonly TaskId[]
    readonly inputs: readonly DependencyResult[]
    readonly dueAtMs: number | null
  }
  /** One of the tasks that it waits for is over. What follows (its start or its end) comes as an event of its own. */
  DependencyOver: { readonly result: DependencyResult }
  /** Its total time is over. */
  TaskOverdue: Readonly<Record<string, never>>
  /** A run is leased to an agent; this event's seq is its fence. */
  TaskAssigned: { readonly attempt: number; readonly nodeId: NodeId; readonly agentId: AgentId }
  /** The run's master reported another phase. */
  RunChanged: {
    readonly fence: Fence
    readonly phase: Exclude<RunPhase, 'unknown'>
    readonly pid: number | null
  }
  /** The run's master is silent; what the run does is not known. */
  RunUnknown: { readonly fence: Fence }
  /** The run is to be stopped where it is, so that the task goes on elsewhere. */
  RunMoving: { readonly fence: Fence }
  RunStalled: { readonly fence: Fence; readonly stall: Stall }
  RunStallCleared: { readonly fence: Fence }
  /** A cancel was asked; the run is to be stopped. */
  CancelRequested: { readonly commandId: CommandId }
  /** The cancel was refused or came too late; the task goes on. */
  CancelDropped: { readonly commandId: CommandId }
  /** The master does not take the run now; the attempt is not used up, and the task is queued again with its age. */
  RunDeclined: { readonly fence: Fence } & Omit<Decline, 'seq'>
  /** The current run is over. What follows (retry or the end) comes as an event of its own. */
  RunEnded: {
    readonly fence: Fence
    readonly end: RunEnd
    /** Incarnation of its master, when the run was lost while that was gone. */
    readonly goneIncarnation?: number
  }
  /** The task is over, until someone opens another attempt. */
  TaskFinished: { readonly outcome: FinalPhase; readonly why?: string }
  /** A late report of a run that is not current, kept as evidence; changes nothing. */
  RunSuperseded: { readonly fence: Fence; readonly end: RunEnd | null }
  /** The run's word on something that it does to the world outside. */
  EffectNoted: {
    readonly key: string
    readonly attempt: number
    readonly fence: Fence
    readonly state: EffectState
    /** Absent: null. */
    readonly value?: Json
    /** Characters of the value as JSON; 0 = it has none. */
    readonly chars: number
  }
}
