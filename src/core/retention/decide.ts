import { type Decision, done } from '../decision.js'
import { draft } from '../event.js'
import type { State } from '../state.js'
import { builtInRetention, type Retention, type RetentionWish } from './retention.js'

/** [RT1] What is given changes, null is the built-in bound again, and what is so already makes no event. */
export function decideRetention(state: State, wish: RetentionWish): Decision {
  const known = state.cluster?.retention ?? builtInRetention
  const pick = (field: keyof Retention): number => {
    const asked = wish[field]
    return asked === undefined ? known[field] : (asked ?? builtInRetention[field])
  }
  const next = { journalMs: pick('journalMs'), journalBytes: pick('journalBytes'), lines: pick('lines') }
  if (isSame(next, known)) return done([])
  return done([draft('RetentionChosen', { kind: 'cluster', id: 'cluster', projectId: null }, next)])
}

const isSame = (a: Retention, b: Retention): boolean =>
  a.journalMs === b.journalMs && a.journalBytes === b.journalBytes && a.lines === b.lines
