import type { RunEnd, RunOutcome } from '../core/runs/run.js'
import type { FunctionExit, HostExit, StopCause } from '../ports/task-host.js'

interface EndFacts {
  readonly exit: HostExit | FunctionExit
  /** Why its master ended it; null when it ended on its own. */
  readonly cause: StopCause | null
  readonly timeoutMs: number
  readonly tail: string
  readonly outBytes: number
  readonly errBytes: number
  readonly progress: number | null
  /** null: its start was reported, or there was none. */
  readonly ranMs: number | null
}

/** What the leader is told of a run that is over. */
export function runEnd(facts: EndFacts): RunEnd {
  const { exit, cause, timeoutMs, tail, outBytes, errBytes, progress, ranMs } = facts
  const nothing = { exitCode: null, signal: null, value: null }
  const common = { tail, outBytes, errBytes, progress, ...(ranMs === null ? {} : { ranMs }) }
  switch (exit.kind) {
    case 'spawn_failed':
    case 'lost':
      return { outcome: exit.kind, ...nothing, message: exit.message, ...common }
    case 'exited': {
      const { exitCode, signal, valueJson, valueError } = exit
      const { outcome, message } = outcomeOf(cause, timeoutMs) ?? exitOutcome(exitCode, signal)
      return {
        outcome,
        exitCode,
        signal,
        value: parsed(valueJson),
        message: message ?? valueError,
        ...common,
      }
    }
    case 'returned': {
      const own: Outcome = { outcome: 'succeeded', message: null }
      return { ...nothing, ...(outcomeOf(cause, timeoutMs) ?? own), value: parsed(exit.valueJson), ...common }
    }
    case 'threw': {
      const own: Outcome = { outcome: 'exit', message: exit.message }
      return { ...nothing, ...(outcomeOf(cause, timeoutMs) ?? own), ...common }
    }
    case 'abandoned': {
      const { outcome, message } = outcomeOf(cause, timeoutMs) ?? { outcome: 'lost', message: null }
      return { ...nothing, outcome, message: [message, exit.message].join(' ').trim(), ...common }
    }
  }
}

interface Outcome {
  readonly outcome: RunOutcome
  readonly message: string | null
}

/** null when the run ended on its own. */
function outcomeOf(cause: StopCause | null, timeoutMs: number): Outcome | null {
  switch (cause) {
    case 'cancel':
      return { outcome: 'cancelled', message: 'It was cancelled.' }
    case 'timeout':
      return { outcome: 'timeout', message: `It ran longer than its limit of ${timeoutMs} ms.` }
    case 'shutdown':
      return { outcome: 'lost', message: 'Its master was stopped.' }
    case 'superseded':
      return { outcome: 'lost', message: 'A newer run of the same task took its place.' }
    case 'lease':
      return { outcome: 'lost', message: 'Its lease ran out: its master had no leader for too long.' }
    case null:
      return null
  }
}

function exitOutcome(exitCode: number | null, signal: string | null): Outcome {
  if (exitCode === 0) return { outcome: 'succeeded', message: null }
  return {
    outcome: 'exit',
    message:
      exitCode === null ? `It was ended by ${signal ?? 'a signal'}.` : `It exited with code ${exitCode}.`,
  }
}

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json))
