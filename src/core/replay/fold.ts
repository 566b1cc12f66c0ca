import type { LogEvent } from '../event.js'
import { evolve } from '../evolve.js'
import { limits } from '../limits.js'
import { isFinal } from '../receipts/receipt.js'
import { type Entity, type EntityOf, entityId } from '../state.js'
import { isShownKind, type ShownKind } from './scope.js'

/** One entity before and after an event; undefined = it was not there, or left memory. */
export interface Change {
  readonly kind: ShownKind
  readonly id: string
  readonly before: Entity | undefined
  readonly after: Entity | undefined
}

type Tables = { readonly [K in ShownKind]: Map<string, EntityOf[K]> }
/** Finds an entity that the fold was not given at its start. */
type LookUp = (kind: ShownKind, id: string) => Entity | undefined

/** Of these kinds, what is over is kept up to a count, as in the leader's memory. */
const keptMax: Readonly<Partial<Record<ShownKind, number>>> = {
  alert: limits.alertsClearedKept,
  receipt: limits.receiptsFinalKept,
  work: limits.workFinishedKept,
}
/** Things over the count before the oldest are dropped, so that they are looked for seldom. */
const keptSlack = 500

/**
 * What walls show, folded event by event, forwards and back. Entities are never changed in place, so that a change is
 * undone by putting the version before back. The same versions as the leader's memory held, for whoever begins with
 * what it held.
 */
export class ReplayFold {
  readonly #tables: Tables = {
    cluster: new Map(),
    node: new Map(),
    task: new Map(),
    alert: new Map(),
    receipt: new Map(),
    work: new Map(),
    limit: new Map(),
    schedule: new Map(),
    template: new Map(),
    trigger: new Map(),
  }
  readonly #lookUp: LookUp

  /** `lookUp`: asked for what an event changes and the fold does not hold. Default: there is no such thing. */
  constructor(entities: Iterable<Entity> = [], lookUp: LookUp = () => undefined) {
    this.#lookUp = lookUp
    for (const entity of entities)
      if (isShownKind(entity.kind)) this.#set(entity.kind, entityId(entity), entity)
  }

  all<Kind extends ShownKind>(kind: Kind): IterableIterator<EntityOf[Kind]> {
    return this.#tables[kind].values() as IterableIterator<EntityOf[Kind]>
  }

  get<Kind extends ShownKind>(kind: Kind, id: string): EntityOf[Kind] | undefined {
    return this.#tables[kind].get(id) as EntityOf[Kind] | undefined
  }

  count(kind: ShownKind): number {
    return this.#tables[kind].size
  }

  /** Total, as `evolve` is. The answer undoes it. */
  apply(event: LogEvent): readonly Change[] {
    const { kind, id } = event.entity
    if (!isShownKind(kind)) return []
    const held = this.#tables[kind].get(id)
    const after = evolve(held, event) ?? this.#evolveUnheld(kind, id, event)
    const changes: Change[] = []
    if (after !== undefined && after !== held) {
      changes.push({ kind, id, before: held, after: isGone(after) ? undefined : after })
    }
    if (event.type === 'TasksRetired') changes.push(...this.#retired(event.body.throughSeq))
    for (const change of changes) this.#set(change.kind, change.id, change.after)
    const dropped = this.#overflow(kind)
    return dropped.length === 0 ? changes : [...changes, ...dropped]
  }

  undo(changes: readonly Change[]): void {
    for (const { kind, id, before } of [...changes].reverse()) this.#set(kind, id, before)
  }

  #evolveUnheld(kind: ShownKind, id: string, event: LogEvent): Entity | undefined {
    const found = this.#lookUp(kind, id)
    return found === undefined ? undefined : evolve(found, event)
  }

  #retired(throughSeq: number): Change[] {
    const changes: Change[] = []
    for (const task of this.#tables.task.values()) {
      if (task.state.phase !== 'final' || task.seq > throughSeq) continue
      changes.push({ kind: 'task', id: task.taskId, before: task, after: undefined })
    }
    return changes
  }

  /** Drops the oldest of what is over, once there is well too much of it. */
  #overflow(kind: ShownKind): Change[] {
    const max = keptMax[kind]
    const table: ReadonlyMap<string, Entity> = this.#tables[kind]
    if (max === undefined || table.size <= max + keptSlack) return []
    const over = [...table].filter(([, entity]) => isOver(entity)).sort(([, a], [, b]) => a.seq - b.seq)
    const changes = over
      .slice(0, Math.max(0, over.length - max))
      .map(([id, before]): Change => ({ kind, id, before, after: undefined }))
    for (const change of changes) this.#set(kind, change.id, undefined)
    return changes
  }

  #set(kind: ShownKind, id: string, entity: Entity | undefined): void {
    const table = this.#tables[kind] as Map<string, Entity>
    if (entity === undefined) table.delete(id)
    else table.set(id, entity)
  }
}

/** Memory keeps none of it. */
function isGone(entity: Entity): boolean {
  if (entity.kind === 'limit') return entity.removed
  return 'deleted' in entity && entity.deleted
}

function isOver(entity: Entity): boolean {
  if (entity.kind === 'receipt') return isFinal(entity)
  if (entity.kind === 'alert') return entity.state === 'cleared'
  return entity.kind === 'work' && entity.state !== 'running'
}
