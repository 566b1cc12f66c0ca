import { ackedIsKept } from './checks/acked-is-kept.js'
import { cancelledIsDead } from './checks/cancelled-is-dead.js'
import { comesToRest } from './checks/comes-to-rest.js'
import { fencesGrow } from './checks/fences-grow.js'
import { isComplete } from './checks/is-complete.js'
import { nobodyBreaks } from './checks/nobody-breaks.js'
import { oneRunAtATime } from './checks/one-run-at-a-time.js'
import { oneTaskPerKey } from './checks/one-task-per-key.js'
import { successIsReal } from './checks/success-is-real.js'
import { theEndStays } from './checks/the-end-stays.js'
import type { Line } from './history.js'

/** What must hold in every history, each by its name. */
export const invariants = {
  'acked is kept': ackedIsKept,
  'one task per key': oneTaskPerKey,
  'one run at a time': oneRunAtATime,
  'fences grow': fencesGrow,
  'the end stays': theEndStays,
  'success is real': successIsReal,
  'cancelled is dead': cancelledIsDead,
  'comes to rest': comesToRest,
  'nobody breaks': nobodyBreaks,
  'is complete': isComplete,
} as const satisfies Record<string, (lines: readonly Line[]) => readonly string[]>

export type Invariant = keyof typeof invariants

export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

/** Judges a history. It reads nothing else. */
export const check = (lines: readonly Line[]): readonly Violation[] =>
  Object.entries(invariants).flatMap(([invariant, find]) =>
    find(lines).map((what) => ({ invariant: invariant as Invariant, what })),
  )
