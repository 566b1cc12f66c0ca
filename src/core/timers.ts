import { draft, type EventDraft } from './event.js'
import { limits } from './limits.js'
import { decideOffline } from './nodes/decide.js'
import { decideDrainDeadline } from './nodes/decide-hold.js'
import { decideExpiry } from './receipts/decide.js'
import { decideLeases } from './runs/decide-leases.js'
import type { LeaseFacts } from './runs/lease.js'
import type { State } from './state.js'
import { aboutTask } from './tasks/decide.js'

/** Everything that is due at `nowMs`, at most limits.turnEventsMax entries; the rest comes with the next call. */
export function decideTimers(state: State, nowMs: number, leases: LeaseFacts): readonly EventDraft[] {
  const drafts: EventDraft[] = []
  const seen = new Set<string>()
  while (drafts.length < limits.turnEventsMax) {
    const due = state.index.due.popDue(nowMs)
    if (due === null) break
    // Entries that were due at different times may come together, and the drafts of the first are not folded yet.
    const key = `${due.kind} ${due.id}`
    if (due.kind !== 'lease' && due.kind !== 'declined' && due.kind !== 'rate' && seen.has(key)) continue
    seen.add(key)
    switch (due.kind) {
      case 'task':
        drafts.push(...delayOver(state, due.id, nowMs))
        break
      case 'node':
        drafts.push(...decideOffline(state, due.id, nowMs))
        break
      case 'drain':
        drafts.push(...decideDrainDeadline(state, due.id, nowMs))
        break
      case 'declined':
        state.index.slots.declinesOver(due.id, due.atMs)
        break
      case 'lease':
        drafts.push(...decideLeases(state, due, leases, nowMs))
        break
      case 'rate':
        state.index.limits.take(due, nowMs)
        break
      case 'receipt':
        drafts.push(...decideExpiry(state, due.id, nowMs))
        break
      case 'credential':
        drafts.push(...credentialOver(state, due.id, nowMs))
        break
    }
  }
  return drafts
}

function delayOver(state: State, taskId: string, nowMs: number): readonly EventDraft[] {
  const task = state.task(taskId)
  if (task?.state.phase !== 'delayed' || task.state.dueAtMs > nowMs) return []
  return [draft('TaskQueued', aboutTask(task), { attempt: task.state.attempt })]
}

function credentialOver(state: State, id: string, nowMs: number): readonly EventDraft[] {
  const credential = state.tables.credential.get(id)
  if (credential === undefined || credential.revoked) return []
  if (credential.expiresAtMs === null || credential.expiresAtMs > nowMs) return []
  return [draft('CredentialRevoked', { kind: 'credential', id, projectId: null }, { reason: 'expired' })]
}
