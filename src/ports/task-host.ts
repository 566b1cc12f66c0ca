import type { StallEvidence } from '../core/alerts/alert.js'

/** How a task ended that another one waited for. */
export interface TaskInput {
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly phase: string
  readonly exitCode: number | null
  /** Its result; null when it left none, or one over the limits. */
  readonly value: unknown
  /** Length of the result as JSON. */
  readonly valueChars: number
  /** The result was over the limits and is left out. */
  readonly truncated: boolean
}

/** A function of the host's own program, and what it is called with. */
export interface FunctionCall {
  readonly type: string
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly traceId: string
  /** How the tasks ended that it waited for, by id. */
  readonly inputs?: Readonly<Record<string, TaskInput>>
}

/** What a run is held to beside its program: kept with it, so that a master that adopts the run knows it. */
export interface RunTerms {
  readonly agentId: string
  /** Limit of its running time, ms; 0 = none. */
  readonly timeoutMs: number
  /** 0 = no stall watch. */
  readonly stallAfterMs: number
  readonly leaseClass: 'steady' | 'strict'
  /** `keep`: it goes on when its lease runs out. */
  readonly onDisconnect: 'restart' | 'wait' | 'keep'
}

/** How a run is to be started. */
export interface StartRun {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
  readonly argv: readonly string[] | null
  /** Run by `sh -c` when argv is null. */
  readonly shell: string | null
  readonly cwd: string | null
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string | null
  readonly stdinOpen: boolean
  /** Contents of the program's input file; absent = it has none. */
  readonly inputsJson?: string
  /** Set for a host of functions: it calls this one, and starts no program. */
  readonly call?: FunctionCall
  readonly terms: RunTerms
}

/** Why a run is stopped. `lease`: its master was without a leader for longer than the lease holds. */
export type StopCause = 'cancel' | 'timeout' | 'shutdown' | 'superseded' | 'lease'

export type HostRunState = 'starting' | 'running' | 'paused' | 'ended'

export interface HostRun {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
  readonly state: HostRunState
  readonly pid: number | null
  readonly outBytes: number
  readonly errBytes: number
}

/** A run that an earlier master started and that goes on. */
export interface AdoptedRun extends HostRun {
  readonly terms: RunTerms
  readonly stdinOpen: boolean
  /** How long it ran so far, pauses not counted, ms. */
  readonly ranMs: number
  /** What it last said of itself. */
  readonly progress: { readonly value: number | null; readonly text: string | null } | null
}

export type HostExit =
  | {
      readonly kind: 'exited'
      readonly exitCode: number | null
      readonly signal: string | null
      readonly valueJson: string | null
      readonly valueError: string | null
    }
  | { readonly kind: 'spawn_failed'; readonly message: string }
  /** Its exit was seen by nobody, or it was ended because its lease ran out. */
  | { readonly kind: 'lost'; readonly message: string }

/** How a function's run is over. */
export type FunctionExit =
  /** null = it returned nothing. */
  | { readonly kind: 'returned'; readonly valueJson: string | null }
  | { readonly kind: 'threw'; readonly message: string }
  /** It was to stop and has not returned within the grace. It may go on, and nobody listens to it any more. */
  | { readonly kind: 'abandoned'; readonly message: string }

/** What a run uses right now, over its whole process tree. */
export interface RunUsage {
  readonly cpuCores: number
  /** CPU time used so far by the tree, dead members included, ms. */
  readonly cpuMs: number
  readonly memoryBytes: number
  readonly processes: number
}

/** What a person would look at first. `waitsForInput` = a process blocks reading fd 0. */
export type HostEvidence = Omit<StallEvidence, 'lines'> & { readonly waitsForInput: boolean }

export interface StopOptions {
  /** TERM to KILL. */
  readonly graceMs: number
  readonly cause?: StopCause
  /** How many processes a signal went to. */
  readonly onStep: (step: 'term' | 'kill' | 'abort', processes: number) => void
  /** Set: the end is told as `lost` with this sentence, whatever the exit was. */
  readonly lostMessage?: string
}

/** What a run asks of the leader. */
export type RunAsk =
  /** Whether it is the current run of its task. */
  | { readonly kind: 'fence' }
  /** Its word on one of its side effects. */
  | {
      readonly kind: 'effect'
      readonly key: string
      readonly state: 'intent' | 'done' | 'failed'
      readonly valueJson: string | null
      /** An intent although an earlier run left one open. */
      readonly again: boolean
    }

export interface TaskHostEvents {
  /** Before `attach` resolves, and before anything else of the run is told. */
  onAdopted(run: AdoptedRun): void
  onStarted(fence: number, pid: number): void
  /**
   * Bytes [offset, offset + bytes.length) of a stream. The host waits for `done` before it hands over more of this stream.
   */
  onOutput(fence: number, stream: 'out' | 'err', offset: number, bytes: Uint8Array, done: () => void): void
  /** The bytes [from, to) were cut away because they were over limits.spoolBytesMax. */
  onOutputGap(fence: number, stream: 'out' | 'err', from: number, to: number): void
  /** `agentflow progress` was called in the run. */
  onProgress(fence: number, progress: number | null, text: string | null, partialJson: string | null): void
  /** False: nobody else need count on this run any more, because its lease is over. Absent: it has none. */
  holdsLease?(fence: number): boolean
  /**
   * JSON of the leader's answer, after its commit. Rejects with ControlError only: `unavailable` without a leader,
   * `outcome_unknown` when it may have taken it. Absent: there is nobody to ask.
   */
  onAsk?(fence: number, ask: RunAsk): Promise<string>
  /** After the last onOutput of both streams; no descendant is left. */
  onExit(fence: number, exit: HostExit | FunctionExit): void
}

/** Owns child processes. Shaped so that a warden in another process can stand behind it. */
export interface TaskHost {
  /**
   * Hands over what an earlier holder left: a run that goes on by onAdopted; one that ended by onExit, as the end that
   * was seen, or as `lost` when nobody saw it and what was left of it is killed. Resolves when all of it is told; then it
   * is ready for start.
   */
  attach(events: TaskHostEvents): Promise<void>
  start(run: StartRun): void
  inventory(): readonly HostRun[]
  /** The inventory's entry of this run. */
  run(fence: number): HostRun | undefined
  /** Stops every process of the tree; resolves with how many read `T`. Rejects when one cannot be stopped. */
  pause(fence: number): Promise<number>
  resume(fence: number): Promise<number>
  /**
   * TERM to the tree (a stopped one goes on to receive it), KILL to what is left after the grace. onExit follows. A
   * second call can only bring the KILL forward; its `onStep` is not called. A function hears its abort signal with the
   * cause, and is abandoned after the grace.
   */
  stop(fence: number, options: StopOptions): void
  /** null when the run is not held or has ended. Never rejects. */
  usage(fence: number): Promise<RunUsage | null>
  /** null when the run is not held or has ended. Never rejects. */
  evidence(fence: number): Promise<HostEvidence | null>
  /**
   * Hands over a stream from `offset` on, back or forward; what was handed over and is not done is forgotten. Works after
   * onExit too, until the release. Bytes that are no longer kept come as onOutputGap.
   */
  rewind(fence: number, stream: 'out' | 'err', offset: number): void
  /** The leader has the end and all lines: delete the spool. Only for a run whose onExit came. */
  release(fence: number): void
  /** Stops everything: TERM, then KILL after `graceMs`. No descendant is left when it resolves. */
  shutdown(graceMs: number): Promise<void>
}
