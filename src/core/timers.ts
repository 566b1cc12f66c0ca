import { decideReturn } from './alerts/decide.js'
import { decideRuleDue } from './alerts/look.js'
import { draft, type EventDraft } from './event.js'
import type { Due, DueKind } from './index/due.js'
import { limits } from './limits.js'
import { decideOffline } from './nodes/decide.js'
import { decideDrainDeadline } from './nodes/decide-hold.js'
import { decideExpiry } from './receipts/decide.js'
import { decideLeases } from './runs/decide-leases.js'
import type { LeaseFacts } from './runs/lease.js'
import type { State } from './state.js'
import { delayOver, queueWaitOver, totalTimeOver } from './tasks/time-over.js'

/** Everything that is due at `nowMs`, at most limits.turnEventsMax entries; the rest comes with the next call. */
export function decideTimers(state: State, nowMs: number, leases: LeaseFacts): readonly EventDraft[] {
  const drafts: EventDraft[] = []
  const seen = new Set<string>()
  const touched = new Set<string>()
  const postponed: Due[] = []
  while (drafts.length < limits.turnEventsMax) {
    const due = state.index.due.popDue(nowMs)
    if (due === null) break
    // Entries that were due at different times may come together, and the drafts of the first are not folded yet.
    const key = `${due.kind} ${due.id}`
    if (due.kind !== 'lease' && due.kind !== 'declined' && due.kind !== 'rate' && seen.has(key)) continue
    seen.add(key)
    if (ofTasks.has(due.kind)) {
      // What comes of it depends on what came of the entry before.
      if (touched.has(due.id)) {
        postponed.push(due)
        continue
      }
      const made = taskDue(state, due, nowMs, state.headSeq + 1 + drafts.length)
      // A stale entry changes nothing.
      if (made.length > 0) touched.add(due.id)
      drafts.push(...made)
      continue
    }
    switch (due.kind) {
      case 'node':
        drafts.push(...decideOffline(state, due.id, nowMs))
        break
      case 'drain':
        drafts.push(...decideDrainDeadline(state, due.id, nowMs))
        break
      case 'declined':
        state.index.slots.declinesOver(due.id, due.atMs)
        break
      case 'lease': {
        const ends = decideLeases(state, due, leases, nowMs)
        for (const end of ends) touched.add(end.entity.id)
        drafts.push(...ends)
        break
      }
      case 'rate':
        state.index.limits.take(due, nowMs)
        break
      case 'receipt':
        drafts.push(...decideExpiry(state, due.id, nowMs))
        break
      case 'credential':
        drafts.push(...credentialOver(state, due.id, nowMs))
        break
      case 'alert_rule':
        drafts.push(...decideRuleDue(state, due.id, nowMs))
        break
      case 'alert':
        drafts.push(...decideReturn(state, due.id, nowMs))
        break
      case 'schedule':
        // Slots are due by the wall clock and need facts: the shell gives them (index/plans.ts).
        break
    }
  }
  for (const due of postponed) state.index.due.push(due)
  return drafts
}

const ofTasks: ReadonlySet<DueKind> = new Set(['task', 'run_at', 'queue_wait', 'end_by'])

function taskDue(state: State, { kind, id }: Due, nowMs: number, seq: number): readonly EventDraft[] {
  if (kind === 'queue_wait') return queueWaitOver(state, id, nowMs)
  return kind === 'end_by' ? totalTimeOver(state, id, nowMs, seq) : delayOver(state, id, nowMs)
}

function credentialOver(state: State, id: string, nowMs: number): readonly EventDraft[] {
  const credential = state.tables.credential.get(id)
  if (credential === undefined || credential.revoked) return []
  if (credential.expiresAtMs === null || credential.expiresAtMs > nowMs) return []
  return [draft('CredentialRevoked', { kind: 'credential', id, projectId: null }, { reason: 'expired' })]
}
