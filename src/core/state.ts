import type { Credential } from './access/access.js'
import type { Alert } from './alerts/alert.js'
import { assert } from './assert.js'
import type { Cluster } from './cluster/events.js'
import type { EntityKind, LogEvent } from './event.js'
import { evolve } from './evolve.js'
import { seqOf } from './ids.js'
import { Indexes } from './index/indexes.js'
import type { Node, Uplink } from './nodes/node.js'
import type { Receipt } from './receipts/receipt.js'
import type { Limit } from './run-limits/limit.js'
import type { Schedule } from './schedules/schedule.js'
import type { Task } from './tasks/task.js'
import type { Template } from './templates/template.js'
import type { Trigger } from './triggers/trigger.js'
import type { Work } from './work/work.js'

export interface EntityOf {
  readonly cluster: Cluster
  readonly task: Task
  readonly node: Node
  readonly uplink: Uplink
  readonly alert: Alert
  readonly receipt: Receipt
  readonly credential: Credential
  readonly schedule: Schedule
  readonly template: Template
  readonly trigger: Trigger
  readonly work: Work
  readonly limit: Limit
}
export type Entity = EntityOf[EntityKind]

type Tables = { readonly [K in EntityKind]: Map<string, EntityOf[K]> }

/**
 * The working state: live entities and what is derived from them. Only `apply` and `install` write it; it is never
 * rolled back. Invariant: state ≡ fold of the log up to headSeq, less what TasksRetired and the kept-limits dropped.
 */
export class State {
  headSeq = seqOf(0)
  /** atMs of the last event; the next one is never earlier. */
  lastAtMs = 0
  readonly tables: Tables = {
    cluster: new Map(),
    task: new Map(),
    node: new Map(),
    uplink: new Map(),
    alert: new Map(),
    receipt: new Map(),
    credential: new Map(),
    schedule: new Map(),
    template: new Map(),
    trigger: new Map(),
    work: new Map(),
    limit: new Map(),
  }
  readonly index = new Indexes()

  get cluster(): Cluster | null {
    return this.tables.cluster.get('cluster') ?? null
  }
  get term(): number {
    return this.cluster?.term ?? 0
  }
  task(id: string): Task | undefined {
    return this.tables.task.get(id)
  }
  node(id: string): Node | undefined {
    return this.tables.node.get(id)
  }
  receipt(id: string): Receipt | undefined {
    return this.tables.receipt.get(id)
  }
  alert(id: string): Alert | undefined {
    return this.tables.alert.get(id)
  }
  work(id: string): Work | undefined {
    return this.tables.work.get(id)
  }
  /** One that is removed counts as none. */
  limit(id: string): Limit | undefined {
    const limit = this.tables.limit.get(id)
    return limit?.removed === true ? undefined : limit
  }
  /** Credential of this secret's hash, expired and revoked ones too. */
  credential(hash: string): Credential | undefined {
    const id = this.index.credentialByHash.get(hash)
    return id === undefined ? undefined : this.tables.credential.get(id)
  }
  /** Highest durable update of this incarnation that is folded; 0 when none is. */
  uplinkSeq(nodeId: string, incarnation: number): number {
    const uplink = this.tables.uplink.get(nodeId)
    return uplink?.incarnations.find((entry) => entry.incarnation === incarnation)?.seq ?? 0
  }
}

/** Folds one event. Total: never throws for an event that a rule made. Returns the entities it changed. */
export function apply(state: State, event: LogEvent): readonly Entity[] {
  assert(event.seq === state.headSeq + 1, `event ${event.seq} does not follow ${state.headSeq}`)
  state.headSeq = event.seq
  state.lastAtMs = event.atMs
  const changed: Entity[] = []
  const { kind, id } = event.entity
  const before = state.tables[kind].get(id)
  const after = evolve(before, event)
  if (after !== undefined && after !== before) {
    put(state, after, id)
    state.index.changed(before, after)
    changed.push(after)
  }
  if (event.origin !== undefined) {
    const uplink = evolve(state.tables.uplink.get(event.origin.nodeId), event, 'uplink')
    if (uplink !== undefined) {
      put(state, uplink, event.origin.nodeId)
      changed.push(uplink)
    }
  }
  if (event.type === 'ClockStepped') state.index.shift(event.body.byMs)
  forget(state, event)
  return changed
}

/** Of the versions that a turn made, in order: the last one of each entity; of one that was dropped meanwhile, all. */
export const newestOf = (state: State, changed: readonly Entity[]): readonly Entity[] =>
  changed.filter((entity) => {
    const current = state.tables[entity.kind].get(entityId(entity))
    return current === undefined || current === entity
  })

/** Loads entity versions (from the views) into an empty state, as of `seq`. */
export function install(state: State, entities: readonly Entity[], seq: number, atMs: number): void {
  assert(state.headSeq === 0, 'install needs an empty state')
  const ordered = [...entities].sort((a, b) => a.seq - b.seq)
  for (const entity of ordered) {
    put(state, entity, entityId(entity))
    state.index.changed(undefined, entity)
  }
  state.headSeq = seqOf(seq)
  state.lastAtMs = atMs
  state.index.loaded(state.tables.task.values(), atMs)
}

export function entityId(entity: Entity): string {
  switch (entity.kind) {
    case 'cluster':
      return 'cluster'
    case 'task':
      return entity.taskId
    case 'node':
    case 'uplink':
      return entity.nodeId
    case 'alert':
      return entity.alertId
    case 'receipt':
      return entity.commandId
    case 'credential':
      return entity.credentialId
    case 'schedule':
      return entity.scheduleId
    case 'template':
      return entity.templateId
    case 'trigger':
      return entity.triggerId
    case 'work':
      return entity.workId
    case 'limit':
      return entity.limitId
  }
}

function put(state: State, entity: Entity, id: string): void {
  const table: Map<string, Entity> = state.tables[entity.kind] as Map<string, Entity>
  table.set(id, entity)
}

/**
 * Drops what memory need not hold: retired tasks and the oldest final receipts, cleared alerts, dead credentials, deleted
 * plans, finished work.
 */
function forget(state: State, event: LogEvent): void {
  const dropped =
    event.type === 'TasksRetired' ? state.index.retire(event.body.throughSeq) : state.index.overflow()
  for (const { kind, id } of dropped) {
    const entity = state.tables[kind].get(id)
    if (entity === undefined) continue
    state.tables[kind].delete(id)
    state.index.removed(entity)
  }
}
