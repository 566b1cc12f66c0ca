import { appendFileSync, readFileSync } from 'node:fs'

/** Where the clocks stood when a line was written: Unix ms, and ms of the machine since it started. */
interface Stamp {
  readonly at: number
  readonly mono: number
}

/** A task as somebody outside saw it. */
export interface Seen {
  readonly taskId: string
  /** Its idempotency key. */
  readonly key: string | null
  readonly phase: string
  readonly attempt: number
  readonly fence: number | null
  readonly exitCode: number | null
  /** What it left as its result. */
  readonly value: unknown
}

/** One line of the history: what a client, a task, or whoever makes the faults did and saw. */
export type Entry =
  /** The first line. */
  | { readonly type: 'begin'; readonly seed: number; readonly seconds: number; readonly restMsMax: number }
  /** A client calls; its end has the same `op`. */
  | { readonly type: 'submit'; readonly op: number; readonly key: string; readonly body: string }
  | {
      readonly type: 'control'
      readonly op: number
      readonly act: 'cancel' | 'retry'
      readonly taskId: string
    }
  | { readonly type: 'read'; readonly op: number; readonly taskId: string }
  | { readonly type: 'submitted'; readonly op: number; readonly taskId: string; readonly created: boolean }
  /** `state` of the receipt when it answered; null = the task was over. */
  | { readonly type: 'controlled'; readonly op: number; readonly state: string | null }
  | { readonly type: 'answered'; readonly op: number; readonly task: Seen }
  /** It was not done. */
  | { readonly type: 'refused'; readonly op: number; readonly code: string }
  /** It may or may not have been done. */
  | { readonly type: 'unknown'; readonly op: number; readonly code: string }
  /** Pushed to the wall, without asking. */
  | { readonly type: 'watched'; readonly seq: number; readonly task: Seen }
  /** Written by the program of a task: it has its lock, found another one holding it, is at its end. */
  | {
      readonly type: 'run'
      readonly step: 'held' | 'busy' | 'end'
      readonly taskId: string
      readonly key: string
      readonly attempt: number
      readonly fence: number
    }
  | { readonly type: 'fault'; readonly target: string; readonly kind: string; readonly ms: number }
  | {
      readonly type: 'process'
      readonly name: string
      readonly pid: number
      readonly state: 'started' | 'ended'
      /** How it ended. */
      readonly how: string
      /** A fault or the end of the test made it end. */
      readonly asked: boolean
    }
  /** No fault is made from here on, and every process runs. */
  | { readonly type: 'healed' }
  /** Every task that anybody knows of is over. */
  | { readonly type: 'rested' }
  /** A task as a list showed it at the very end. */
  | { readonly type: 'listed'; readonly task: Seen }
  /** The last line. */
  | { readonly type: 'end' }

export type Line = Entry & Stamp
export type LineOf<Type extends Entry['type']> = Extract<Line, { readonly type: Type }>

/**
 * Appends to a file that others append to as well. Each line is one write to the end, so their order in the file is the
 * order in which they were written, whoever wrote them.
 */
export class History {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  write(entry: Entry): void {
    const line = { at: Date.now(), mono: machineMs(), ...entry }
    appendFileSync(this.path, `${JSON.stringify(line)}\n`)
  }
}

/** The machine's clock since its start, which programs of any language can read: 10 ms steps. */
const machineMs = (): number => Math.round(Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000)

/** Every line, in order. */
export const readHistory = (path: string): readonly Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as Line)
