import { limits } from '../limits.js'
import { type Band, bandOf, bands, type Entry, isBefore } from './entry.js'
import { Fifo } from './fifo.js'
import type { Gate } from './gate.js'
import { IndexedHeap } from './heap.js'

type Heads = [Entry | null, Entry | null, Entry | null]
type Heaps = readonly [IndexedHeap<Group>, IndexedHeap<Group>, IndexedHeap<Group>]

const heapOf = (band: Band): IndexedHeap<Group> =>
  new IndexedHeap<Group>(band, (one, other) => {
    const first = one.heads[band]
    const second = other.heads[band]
    return first !== null && second !== null && isBefore(first, second)
  })

/**
 * Queued tasks of one pool that pass the same gates up to here, as a tree: own tasks by priority, and groups that pass
 * one gate more. A group whose gate is closed is left out of its parent's order, so that the root's heads are always
 * the tasks that may go next, by band.
 * Invariant: `heads[band]` = first by isBefore of own tasks and of the heads of children whose gate is open.
 */
export class Group {
  /** Position in the parent's heaps, by band. */
  readonly at = [-1, -1, -1]
  readonly heads: Heads = [null, null, null]
  readonly parent: Group | null
  readonly gate: Gate | null
  readonly #onHead: ((band: Band) => void) | null
  readonly #levels: (Fifo | undefined)[] = []
  readonly #children = new Map<Gate, Group>()
  #heaps: Heaps | null = null
  /** Tasks in it and below. */
  #size = 0

  /** The root has no parent; `onHead` is told when its head of a band changed. */
  constructor(parent: Group | null, gate: Gate | null, onHead: ((band: Band) => void) | null) {
    this.parent = parent
    this.gate = gate
    this.#onHead = onHead
    gate?.join(this)
  }

  get size(): number {
    return this.#size
  }

  /** The group behind one gate more. */
  child(gate: Gate): Group {
    const known = this.#children.get(gate)
    if (known !== undefined) return known
    const group = new Group(this, gate, null)
    this.#children.set(gate, group)
    this.#heaps ??= [heapOf(0), heapOf(1), heapOf(2)]
    return group
  }

  add(entry: Entry): void {
    let level = this.#levels[entry.priority]
    if (level === undefined) {
      level = new Fifo()
      this.#levels[entry.priority] = level
    }
    level.push(entry)
    this.#count(1)
    this.#headMayChange(bandOf(entry.priority))
  }

  remove(entry: Entry): void {
    this.#levels[entry.priority]?.remove(entry)
    this.#count(-1)
    this.#headMayChange(bandOf(entry.priority))
    this.#dropIfEmpty()
  }

  /** Its gate opened or closed. */
  gateChanged(): void {
    for (const band of bands) this.parent?.childChanged(this, band)
  }

  childChanged(child: Group, band: Band): void {
    const heap = this.#heaps?.[band]
    if (heap === undefined) return
    if (child.heads[band] !== null && child.gate?.closed === null) heap.set(child)
    else if (heap.has(child)) heap.remove(child)
    else return
    this.#headMayChange(band)
  }

  #headMayChange(band: Band): void {
    const head = this.#headOf(band)
    if (head === this.heads[band]) return
    this.heads[band] = head
    if (this.parent === null) this.#onHead?.(band)
    else this.parent.childChanged(this, band)
  }

  #headOf(band: Band): Entry | null {
    const below = this.#heaps?.[band].first?.heads[band] ?? null
    const [highest, lowest] = levelsOf[band]
    for (let priority = highest; priority >= lowest; priority -= 1) {
      const own = this.#levels[priority]?.first ?? null
      if (own !== null) return below === null || isBefore(own, below) ? own : below
    }
    return below
  }

  #count(by: number): void {
    this.#size += by
    for (let group = this.parent; group !== null; group = group.parent) group.#size += by
  }

  /** Few empty groups stay, so that a project whose tasks come one by one costs none each time. */
  #dropIfEmpty(): void {
    const { parent, gate } = this
    if (parent === null || gate === null || this.#size > 0) return
    if (parent.#children.size <= limits.queueGroupsIdleKept) return
    parent.#children.delete(gate)
    this.leave()
    parent.#dropIfEmpty()
  }

  /** Nothing will wait here again: it and what is below leave their gates. */
  leave(): void {
    this.gate?.leave(this)
    for (const child of this.#children.values()) child.leave()
  }
}

const levelsOf: Readonly<Record<Band, readonly [highest: number, lowest: number]>> = {
  0: [10, 8],
  1: [7, 4],
  2: [3, 1],
}
