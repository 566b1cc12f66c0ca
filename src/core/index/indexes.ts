import type { Credential } from '../access/access.js'
import type { Alert } from '../alerts/alert.js'
import type { Cluster } from '../cluster/events.js'
import type { EntityRef } from '../event.js'
import { bornAt } from '../ids.js'
import { limits } from '../limits.js'
import type { Node } from '../nodes/node.js'
import { askKey } from '../placement/ask.js'
import { isFinal, type Receipt, subjectOf } from '../receipts/receipt.js'
import { leaseTimes } from '../runs/lease.js'
import type { Run } from '../runs/run.js'
import type { Entity } from '../state.js'
import { statusOf, type TaskStatus } from '../tasks/status.js'
import type { Decline, Task } from '../tasks/task.js'
import { needsOf, termsOf } from '../tasks/terms.js'
import type { Work } from '../work/work.js'
import { AlertWatch } from './alert-watch.js'
import { Births } from './births.js'
import { Dependants } from './dependants.js'
import { DueHeap } from './due.js'
import { FailureCounts } from './failure-counts.js'
import { FinishedList } from './finished.js'
import { gatesOf, startsOf } from './gates-of.js'
import { LeaseChecks } from './lease-checks.js'
import { LimitBook } from './limit-book.js'
import type { HeldSlots } from './node-slots.js'
import { type Plan, PlanIndex, planId } from './plans.js'
import { TaskQueue } from './queue.js'
import { Slots } from './slots.js'

export const idempotencyIndexKey = (clientId: string, key: string): string => `${clientId}\n${key}`

/** One root = one open alert: 40 alarms of one dead master are one. */
export const alertRoot = (alertKind: string, id: string): string => `${alertKind}:${id}`

export type TaskCounts = Record<TaskStatus, number>

function roomOf({ taskId, spec }: Task, { agentId, fence }: Run): HeldSlots {
  const { slots, memoryBytes } = needsOf(spec)
  return { taskId, agentId, fence, slots, memoryBytes }
}

/** What only a leader needs: queue order, free slots, due times, keys, counters. Derived, never stored. */
export class Indexes {
  readonly due = new DueHeap()
  readonly slots: Slots = new Slots({
    nodeChanged: (node) => this.queue.nodeChanged(node),
    placeChanged: (place) => this.queue.placeChanged(place),
    runsChanged: (kind, by) => this.limits.count('agentKind', kind, by),
  })
  readonly limits: LimitBook = new LimitBook(this.due, (scope, value) => this.queue.gateChanged(scope, value))
  readonly queue = new TaskQueue(this.slots, (scope, value) => this.limits.reasonOf(scope, value))
  readonly leaseChecks = new LeaseChecks(this.due)
  readonly finishedTasks = new FinishedList()
  /** Seq at which a task that was over was last opened again. */
  reopenedSeq = 0
  readonly dependants = new Dependants()
  readonly taskByKey = new Map<string, string>()
  readonly births = new Births()
  /** Work item of a client's idempotency key. */
  readonly workByKey = new Map<string, string>()
  readonly runningWork = new Set<string>()
  readonly credentialByHash = new Map<string, string>()
  readonly plans = new PlanIndex()
  /** Open (raised, acked, shelved) alert of a root. */
  readonly openAlert = new Map<string, string>()
  readonly alertWatch = new AlertWatch()
  readonly failures = new FailureCounts()
  /** Receipts that are not final, by task. */
  readonly openReceipts = new Map<string, Set<string>>()
  /** Tasks in memory; retired ones are counted on the cluster entity. */
  readonly counts: TaskCounts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 }
  readonly #finalReceipts = new FinishedList()
  readonly #clearedAlerts = new FinishedList()
  readonly #deadCredentials = new FinishedList()
  readonly #finishedWork = new FinishedList()
  readonly #removedLimits = new FinishedList()
  readonly #deletedPlans: EntityRef[] = []

  get unfinishedTasks(): number {
    return this.counts.pending + this.counts.running
  }

  changed(before: Entity | undefined, after: Entity): void {
    switch (after.kind) {
      case 'task':
        this.#taskChanged(before?.kind === 'task' ? before : undefined, after)
        return
      case 'node':
        this.#nodeChanged(before?.kind === 'node' ? before : undefined, after)
        return
      case 'alert':
        this.#alertChanged(before?.kind === 'alert' ? before : undefined, after)
        return
      case 'receipt':
        this.#receiptChanged(before?.kind === 'receipt' ? before : undefined, after)
        return
      case 'credential':
        this.#credentialChanged(before?.kind === 'credential' ? before : undefined, after)
        return
      case 'work':
        this.#workChanged(before?.kind === 'work' ? before : undefined, after)
        return
      case 'schedule':
      case 'template':
      case 'trigger':
        this.#planChanged(before, after)
        return
      case 'cluster':
        this.#clusterChanged(before?.kind === 'cluster' ? before : undefined, after)
        return
      case 'limit':
        this.limits.changed(after)
        if (after.removed) this.#removedLimits.add(after.limitId, after.seq)
        else this.#removedLimits.remove(after.limitId)
        return
      case 'uplink':
        return
    }
  }

  /** All entities of a load are in: what their order left open is settled. */
  loaded(tasks: Iterable<Task>, nowMs: number): void {
    if (!this.limits.hasRates) return
    const kindOf = (nodeId: string, agentId: string) => this.slots.kindOf(nodeId, agentId)
    this.limits.rebuild(startsOf(tasks, kindOf), nowMs)
  }

  removed(entity: Entity): void {
    if (entity.kind === 'task') {
      this.counts[statusOf(entity)] -= 1
      this.births.remove(bornAt(entity.taskId))
      const key = entity.spec.idempotencyKey
      if (key !== null) this.taskByKey.delete(idempotencyIndexKey(entity.clientId, key))
    }
    if (entity.kind === 'credential') this.credentialByHash.delete(entity.hash)
    if (entity.kind === 'work' && entity.idempotencyKey !== null)
      this.workByKey.delete(idempotencyIndexKey(entity.clientId, entity.idempotencyKey))
  }

  /** The clock stepped and no time has passed: what is due comes so much later. */
  shift(byMs: number): void {
    this.due.shift(byMs)
    this.leaseChecks.shift(byMs)
    this.slots.shift(byMs)
    this.limits.shift(byMs)
    this.alertWatch.shift(byMs)
    this.failures.shift(byMs)
  }

  /** Finished tasks that last changed up to `throughSeq`. */
  retire(throughSeq: number): EntityRef[] {
    const ids = this.finishedTasks.through(throughSeq)
    for (const id of ids) this.finishedTasks.remove(id)
    return ids.map((id) => ({ kind: 'task', id }))
  }

  /** What is over a kept-limit, oldest first; never tasks (they retire by an event). */
  overflow(): EntityRef[] {
    const dropped: EntityRef[] = []
    const trim = (list: FinishedList, kept: number, kind: EntityRef['kind']): void => {
      while (list.size > kept) {
        const oldest = list.oldest()
        if (oldest === null) return
        list.remove(oldest.id)
        dropped.push({ kind, id: oldest.id })
      }
    }
    trim(this.#finalReceipts, limits.receiptsFinalKept, 'receipt')
    trim(this.#clearedAlerts, limits.alertsClearedKept, 'alert')
    trim(this.#deadCredentials, 0, 'credential')
    trim(this.#finishedWork, limits.workFinishedKept, 'work')
    trim(this.#removedLimits, 0, 'limit')
    dropped.push(...this.#deletedPlans.splice(0))
    return dropped
  }

  #clusterChanged(before: Cluster | undefined, after: Cluster): void {
    if (before !== undefined && before.term !== after.term) this.slots.closeAll()
    if (after.placement !== undefined && after.placement !== before?.placement)
      this.queue.choosePlaces(after.placement)
  }

  /** Only of runs that did their work: one that was stopped or lost says nothing of the node. */
  #runOver({ taskId, past, spec }: Task): void {
    const last = past.at(-1)
    if (last === undefined || (last.end.outcome !== 'succeeded' && last.end.outcome !== 'exit')) return
    const tookMs = last.endedAtMs - (last.startedAtMs ?? last.assignedAtMs)
    this.slots.took(last.nodeId, taskId, spec.type, tookMs)
  }

  #taskChanged(before: Task | undefined, after: Task): void {
    const wasPhase = before?.state.phase
    if (before !== undefined) this.counts[statusOf(before)] -= 1
    else this.births.add(bornAt(after.taskId))
    this.counts[statusOf(after)] += 1
    if (before === undefined && after.spec.idempotencyKey !== null) {
      this.taskByKey.set(idempotencyIndexKey(after.clientId, after.spec.idempotencyKey), after.taskId)
    }
    if (wasPhase === 'queued' && after.state.phase !== 'queued') this.queue.remove(after.taskId)
    if (wasPhase === 'final' && after.state.phase !== 'final') {
      this.finishedTasks.remove(after.taskId)
      this.reopenedSeq = after.seq
    }
    if (before?.state.phase === 'live' && after.state.phase !== 'live') {
      if (after.state.phase === 'ending') this.#runOver(after)
      this.slots.free(before.state.run.nodeId, after.taskId)
      for (const { scope, value } of gatesOf(after)) this.limits.count(scope, value, -1)
    }
    if (after.spec.queue !== undefined) this.#termsChanged(before, after)
    switch (after.state.phase) {
      case 'queued':
        if (wasPhase === 'queued') return
        // Those of before are known, and may be over by now.
        for (const decline of after.declines ?? [])
          if (before === undefined || decline.seq > before.seq) this.#declined(after, decline)
        this.queue.add(after, after.state.sinceSeq ?? after.seq)
        return
      case 'delayed':
        if (wasPhase !== 'delayed') this.#delayed(after, after.state.dueAtMs)
        return
      case 'live':
        if (wasPhase !== 'live') this.#runBegan(after, after.state.run)
        this.#leaseChanged(before, after, after.state.run)
        return
      case 'final':
        // Also a late report's change: the rows retire by the seq that they hold, and so must memory.
        this.finishedTasks.add(after.taskId, after.seq)
        if (wasPhase === 'final') return
        this.dependants.over(after.taskId)
        if (statusOf(after) === 'failed') this.failures.add(after.state.completedAtMs)
        return
      case 'blocked':
      case 'ending':
        return
    }
  }

  #declined({ spec }: Task, decline: Decline): void {
    this.slots.declined(decline, askKey(spec))
    this.due.push({ atMs: decline.untilMs, kind: 'declined', id: decline.nodeId })
  }

  #runBegan(task: Task, run: Run): void {
    this.slots.hold(run.nodeId, roomOf(task, run))
    for (const { scope, value } of gatesOf(task)) {
      this.limits.count(scope, value, 1)
      this.limits.started(scope, value, run.assignedAtMs)
    }
    this.limits.started('agentKind', this.slots.kindOf(run.nodeId, run.agentId), run.assignedAtMs)
  }

  #delayed({ spec, taskId }: Task, dueAtMs: number): void {
    const kind = termsOf(spec).runAtMs === dueAtMs ? 'run_at' : 'task'
    this.due.push({ atMs: dueAtMs, kind, id: taskId })
  }

  /** What it waits for, and how long at most. */
  #termsChanged(before: Task | undefined, after: Task): void {
    const { taskId, endByMs, state } = after
    if (endByMs !== undefined && endByMs !== before?.endByMs)
      this.due.push({ atMs: endByMs, kind: 'end_by', id: taskId })
    const { queueTimeoutMs } = termsOf(after.spec)
    if (queueTimeoutMs > 0 && state.phase === 'queued' && before?.state.phase !== 'queued')
      this.due.push({ atMs: (state.sinceMs ?? 0) + queueTimeoutMs, kind: 'queue_wait', id: taskId })
    const was = before?.state.phase === 'blocked' ? before.state.waitsFor : []
    const is = state.phase === 'blocked' ? state.waitsFor : []
    if (was === is) return
    for (const id of was) if (!is.includes(id)) this.dependants.forget(taskId, id)
    for (const id of is) {
      if (was.includes(id)) continue
      this.dependants.wait(taskId, id)
      // Only when rows are loaded: a leader ended before the end of this one had reached everybody.
      if (this.finishedTasks.has(id)) this.dependants.over(id)
    }
  }

  /** Its lease is looked at when the run begins, when it is known again, and when someone cancels what waits. */
  #leaseChanged(before: Task | undefined, after: Task, run: Run): void {
    if (after.spec.onDisconnect === 'keep') return
    const was = before?.state.phase === 'live' ? before.state.run : null
    const isBack = was?.phase === 'unknown' && run.phase !== 'unknown'
    const isCancelled = after.cancelledBy !== null && after.cancelledBy !== before?.cancelledBy
    if (was?.fence === run.fence && !isBack && !isCancelled) return
    this.leaseChecks.wantBy(run.nodeId, run.assignedAtMs + leaseTimes[after.spec.leaseClass].redispatchMs)
  }

  #nodeChanged(before: Node | undefined, after: Node): void {
    this.slots.setNode(after)
    const { hold } = after
    if (hold?.kind === 'draining' && hold.deadlineAtMs !== null && hold !== before?.hold) {
      this.due.push({ atMs: hold.deadlineAtMs, kind: 'drain', id: after.nodeId })
    }
    if (after.status === 'unknown') {
      this.due.push({ atMs: after.statusSinceMs + limits.nodeOfflineAfterMs, kind: 'node', id: after.nodeId })
    }
  }

  #alertChanged(before: Alert | undefined, after: Alert): void {
    const root = alertRoot(after.alertKind, after.taskId ?? after.nodeId ?? '')
    if (after.state !== 'cleared') {
      this.openAlert.set(root, after.alertId)
      const untilMs = after.handling?.untilMs ?? null
      if (untilMs !== null) this.due.push({ atMs: untilMs, kind: 'alert', id: after.alertId })
      return
    }
    if (this.openAlert.get(root) === after.alertId) this.openAlert.delete(root)
    if (before?.state !== 'cleared') this.#clearedAlerts.add(after.alertId, after.seq)
  }

  #receiptChanged(before: Receipt | undefined, after: Receipt): void {
    const subject = subjectOf(after)
    const open = this.openReceipts.get(subject) ?? new Set()
    if (isFinal(after)) {
      open.delete(after.commandId)
      if (open.size === 0) this.openReceipts.delete(subject)
      if (before === undefined || !isFinal(before)) this.#finalReceipts.add(after.commandId, after.seq)
      return
    }
    open.add(after.commandId)
    this.openReceipts.set(subject, open)
    if (before === undefined && after.expiresAtMs !== null) {
      this.due.push({ atMs: after.expiresAtMs, kind: 'receipt', id: after.commandId })
    }
  }

  #workChanged(before: Work | undefined, after: Work): void {
    if (before === undefined && after.idempotencyKey !== null)
      this.workByKey.set(idempotencyIndexKey(after.clientId, after.idempotencyKey), after.workId)
    if (after.state === 'running') {
      this.runningWork.add(after.workId)
      return
    }
    this.runningWork.delete(after.workId)
    if (before === undefined || before.state === 'running') this.#finishedWork.add(after.workId, after.seq)
  }

  #planChanged(before: Entity | undefined, after: Plan): void {
    this.plans.changed(before?.kind === after.kind ? (before as Plan) : undefined, after)
    if (after.deleted) this.#deletedPlans.push({ kind: after.kind, id: planId(after) })
  }

  #credentialChanged(before: Credential | undefined, after: Credential): void {
    this.credentialByHash.set(after.hash, after.credentialId)
    if (after.revoked && before?.revoked !== true) {
      this.#deadCredentials.add(after.credentialId, after.seq)
      return
    }
    if (after.expiresAtMs !== null && after.expiresAtMs !== before?.expiresAtMs) {
      this.due.push({ atMs: after.expiresAtMs, kind: 'credential', id: after.credentialId })
    }
  }
}
