import type { StallEvidence } from '../core/alerts/alert.js'
import type { HeldRun } from '../core/input.js'
import type { Agent, AgentKind, Capabilities } from '../core/nodes/node.js'
import type { ReceiptState } from '../core/receipts/receipt.js'
import type { LeaseClass } from '../core/runs/lease.js'
import type { RunEnd, Stall } from '../core/runs/run.js'
import type { DeclineCode } from '../core/tasks/task.js'
import type { ToolCall, ToolOutcome } from './tool-calls.js'

/**
 * NodeSync in plain data: ms and bytes are numbers, enums are words. `rpc/` translates to and from protobuf;
 * leader, master and simulator speak only this.
 */
export interface Metrics {
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly rxBytesPerS: number
  readonly txBytesPerS: number
}

export interface Register {
  readonly kind: 'register'
  readonly incarnation: number
  readonly version: string
  readonly capabilities: Capabilities
  readonly inventory: readonly HeldRun[]
  readonly agents: readonly Agent[]
  readonly ackedUplinkSeq: number
  readonly term: number
  readonly commandSeq: number
  readonly logId: string
  readonly url: string | null
  /** Several commands may come in one message. */
  readonly takesBatches?: boolean
}

export interface RunRef {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
}

export interface OutputLine {
  readonly atMs: number
  readonly level: 'debug' | 'info' | 'warning' | 'error'
  readonly text: string
}

export interface LineOffset {
  readonly fence: number
  readonly stream: 'out' | 'err'
  readonly offset: number
}

/** Updates that must arrive exactly once in the view: numbered, kept in the outbox until acked. */
export type DurableUpdate =
  | ({
      readonly kind: 'run'
      readonly state: 'starting' | 'running' | 'paused' | 'stopping'
      readonly pid: number | null
    } & RunRef)
  | ({ readonly kind: 'ended'; readonly end: RunEnd } & RunRef)
  | ({
      readonly kind: 'declined'
      readonly code: DeclineCode
      readonly text: string
      readonly retryAfterMs: number
    } & RunRef)
  | ({ readonly kind: 'stall'; readonly stall: Stall; readonly evidence: StallEvidence } & RunRef)
  | ({ readonly kind: 'stall_cleared' } & RunRef)
  | { readonly kind: 'agents'; readonly agents: readonly Agent[] }
  | {
      readonly kind: 'receipt'
      readonly commandId: string
      readonly state: Exclude<ReceiptState, 'sent' | 'expired'>
      readonly detail: string
    }

export interface NumberedUpdate {
  readonly kind: 'durable'
  readonly incarnation: number
  readonly uplinkSeq: number
  readonly atMs: number
  readonly update: DurableUpdate
}

export interface LinesUpdate extends RunRef {
  readonly kind: 'lines'
  readonly stream: 'out' | 'err'
  /** Byte where the first line starts. */
  readonly offset: number
  /** Byte after the last one. */
  readonly nextOffset: number
  readonly lines: readonly OutputLine[]
  /** Set: the bytes [offset, nextOffset) are lost. */
  readonly gapReason: string | null
}

export interface ProgressUpdate extends RunRef {
  readonly kind: 'progress'
  readonly atMs: number
  readonly progress: number | null
  readonly text: string | null
  readonly pid: number | null
  readonly cpuCores: number
  readonly memoryBytes: number
  /** A partial result, any JSON of at most limits.partialBytesMax; absent = none that is new. */
  readonly partial?: { readonly value: unknown }
}

/** What one master sends. */
export type NodeUpdate =
  | Register
  | NumberedUpdate
  | LinesUpdate
  | ProgressUpdate
  | ({ readonly kind: 'metrics'; readonly atMs: number } & Metrics)
  | { readonly kind: 'ping'; readonly nonce: number }
  | { readonly kind: 'pong'; readonly nonce: number }
  | { readonly kind: 'ack'; readonly commandSeq: number }
  | { readonly kind: 'lease'; readonly sentAtMs: number }
  | ({ readonly kind: 'call'; readonly nonce: number } & ToolCall)

export interface TaskRequest extends RunRef {
  readonly kind: 'task_request'
  readonly agentId: string
  readonly projectId: string
  readonly name: string
  readonly type: string
  readonly payloadJson: string
  readonly timeoutMs: number
  readonly stallAfterMs: number
  readonly leaseClass: LeaseClass
  readonly onDisconnect: 'restart' | 'wait' | 'keep'
  readonly idempotencyKey: string
  readonly traceId: string
  /** JSON object: how the tasks ended that it waited for, by id; '' when it waited for none. */
  readonly inputsJson: string
  /** Memory that the run takes; 0 = not said. */
  readonly memoryBytes: number
}

export interface ControlSignal extends RunRef {
  readonly kind: 'control'
  readonly commandId: string
  readonly action: 'pause' | 'resume' | 'cancel'
  /** Unix ms after which it must not start, 0 = none. */
  readonly deadlineMs: number
}

/** The master process restarts; its runs go on. */
export interface RestartSignal {
  readonly kind: 'restart'
  readonly commandId: string
}

/** An agent of the master comes or goes; told again, it is the same act. */
export interface AgentSignal {
  readonly kind: 'agent'
  readonly commandId: string
  readonly action: 'create' | 'delete'
  readonly agentId: string
  readonly agentKind: AgentKind
  readonly accountIdx: number | null
}

/** What a leader wants of a master. */
export type WantedCommand = TaskRequest | ControlSignal | RestartSignal | AgentSignal

/** Commands that are numbered within the term, acked cumulatively and replayed on resume. */
export type NumberedCommand = WantedCommand & { readonly commandSeq: number }

export type LeaderCommand =
  | NumberedCommand
  | {
      readonly kind: 'welcome'
      readonly term: number
      readonly leaderId: string
      readonly logId: string
      readonly ackedUplinkSeq: number
      readonly resumed: boolean
      readonly lines: readonly LineOffset[]
      readonly pingIntervalMs: number
      /** While a run of class steady is held, and while one of class strict is. */
      readonly leaseRenewMs: number
      readonly strictRenewMs: number
      /** Web address of the leader. Absent or null: not known. */
      readonly httpUrl?: string | null
    }
  | {
      readonly kind: 'ack'
      readonly uplinkSeq: number
      readonly incarnation: number
      readonly lines: readonly LineOffset[]
    }
  | { readonly kind: 'ping'; readonly nonce: number }
  | { readonly kind: 'pong'; readonly nonce: number }
  /** Window counted from the stream's start. */
  | { readonly kind: 'credit'; readonly messages: number; readonly bytes: number }
  | { readonly kind: 'moving'; readonly leaders: readonly string[]; readonly spreadMs: number }
  /** Every held run is leased so long from the sending of the renewal on: of class steady, of class strict. */
  | {
      readonly kind: 'lease'
      readonly sentAtMs: number
      readonly ttlMs: number
      readonly strictTtlMs: number
    }
  | { readonly kind: 'answer'; readonly nonce: number; readonly outcome: ToolOutcome }
  | { readonly kind: 'goodbye'; readonly code: string; readonly message: string }

/** The leader's end of one master's stream, as the transport gives it. */
export interface NodeChannel {
  readonly nodeId: string
  readonly address: string
  /** Never throws, never waits: a full or dead channel closes itself. Commands of one call go as few messages as possible. */
  send(commands: readonly LeaderCommand[]): void
  close(reason: string): void
}

/** The leader's handler of one stream. Order: `updates` as they arrived, then `closed` exactly once. */
export interface NodeSession {
  /** One wire message: its updates and its size. */
  receive(updates: readonly NodeUpdate[], bytes: number): void
  /** The peer sent something malformed; it is told and cut off. */
  malformed(detail: string): void
  closed(reason: string): void
}

/** What the leader offers to the node transport. `nodeId` comes from the first update. */
export interface NodeGateway {
  open(channel: NodeChannel): NodeSession
}

/** The master's end of the stream. */
export interface LeaderChannel {
  /** One wire message; the caller keeps to its credit. Returns the message's size in bytes. */
  send(updates: readonly NodeUpdate[]): number
  close(): void
}

export interface LeaderChannelEvents {
  onOpen(): void
  onCommands(commands: readonly LeaderCommand[]): void
  /** `refused` = authentication or configuration: trying again soon is useless. `leaderHint` when the peer knows who leads. */
  onClose(reason: string, options: { readonly refused: boolean; readonly leaderHint: string | null }): void
}

/** Dials leaders for a master. No event of a dial comes before `dial` has returned. */
export interface LeaderDialer {
  dial(address: string, events: LeaderChannelEvents): LeaderChannel
}
