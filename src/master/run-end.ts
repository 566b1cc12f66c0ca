import type { RunEnd, RunOutcome } from '../core/runs/run.js'
import type { HostExit } from '../ports/task-host.js'

/** Why a master ended a run by itself; null when the run ended on its own. */
export type StopCause = 'cancel' | 'timeout' | 'shutdown' | 'superseded'

interface EndFacts {
  readonly exit: HostExit
  readonly cause: StopCause | null
  readonly timeoutMs: number
  readonly tail: string
  readonly outBytes: number
  readonly errBytes: number
  readonly progress: number | null
}

/** What the leader is told of a run that is over. */
export function runEnd(facts: EndFacts): RunEnd {
  const { exit, tail, outBytes, errBytes, progress } = facts
  const common = { tail, outBytes, errBytes, progress }
  if (exit.kind !== 'exited') {
    return { outcome: exit.kind, exitCode: null, signal: null, value: null, message: exit.message, ...common }
  }
  const { exitCode, signal, valueJson, valueError } = exit
  const { outcome, message } = outcomeOf(facts.cause, exitCode, signal, facts.timeoutMs)
  const value: unknown = valueJson === null ? null : JSON.parse(valueJson)
  return { outcome, exitCode, signal, value, message: message ?? valueError, ...common }
}

function outcomeOf(
  cause: StopCause | null,
  exitCode: number | null,
  signal: string | null,
  timeoutMs: number,
): { readonly outcome: RunOutcome; readonly message: string | null } {
  switch (cause) {
    case 'cancel':
      return { outcome: 'cancelled', message: 'It was cancelled.' }
    case 'timeout':
      return { outcome: 'timeout', message: `It ran longer than its limit of ${timeoutMs} ms.` }
    case 'shutdown':
      return { outcome: 'lost', message: 'Its master was stopped.' }
    case 'superseded':
      return { outcome: 'lost', message: 'A newer run of the same task took its place.' }
    case null:
      if (exitCode === 0) return { outcome: 'succeeded', message: null }
      return {
        outcome: 'exit',
        message:
          exitCode === null ? `It was ended by ${signal ?? 'a signal'}.` : `It exited with code ${exitCode}.`,
      }
  }
}
