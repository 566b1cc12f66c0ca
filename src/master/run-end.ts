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

/** What the leader is told of a run that is over. Every call of a function comes here, so its object is made in one go. */
export function runEnd(facts: EndFacts): RunEnd {
  const { exit, tail, outBytes, errBytes, progress, ranMs } = facts
  const { outcome, message } = endedBy(facts)
  const isProcess = exit.kind === 'exited'
  const end = {
    outcome,
    exitCode: isProcess ? exit.exitCode : null,
    signal: isProcess ? exit.signal : null,
    value: isProcess || exit.kind === 'returned' ? parsed(exit.valueJson) : null,
    message,
    tail,
    outBytes,
    errBytes,
    progress,
  }
  return ranMs === null ? end : { ...end, ranMs }
}

function endedBy({ exit, cause, timeoutMs }: EndFacts): Outcome {
  const stopped = outcomeOf(cause, timeoutMs)
  switch (exit.kind) {
    case 'spawn_failed':
    case 'lost':
      return { outcome: exit.kind, message: exit.message }
    case 'exited': {
      const { outcome, message } = stopped ?? exitOutcome(exit.exitCode, exit.signal)
      return { outcome, message: message ?? exit.valueError }
    }
    case 'returned':
      return stopped ?? { outcome: 'succeeded', message: null }
    case 'threw':
      return stopped ?? { outcome: 'exit', message: exit.message }
    case 'abandoned': {
      const { outcome, message } = stopped ?? { outcome: 'lost', message: null }
      return { outcome, message: [message, exit.message].join(' ').trim() }
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
