import type { WorkBodies } from '../ports/work-bodies.js'

/** What survives the process. */
export class WorkBodiesDisk {
  readonly bodies = new Map<string, Map<number, string>>()
}

/** WorkBodies on a disk of their own. */
export class MemoryWorkBodies implements WorkBodies {
  readonly #disk: WorkBodiesDisk
  #open = true

  constructor(disk: WorkBodiesDisk) {
    this.#disk = disk
  }

  /** The process dies: nothing is written any more. */
  kill(): void {
    this.#open = false
  }

  async put(bodyId: string, fromIndex: number, items: readonly string[]): Promise<void> {
    if (!this.#open) return
    const body = this.#disk.bodies.get(bodyId) ?? new Map<number, string>()
    for (const [place, item] of items.entries())
      if (!body.has(fromIndex + place)) body.set(fromIndex + place, item)
    this.#disk.bodies.set(bodyId, body)
  }

  async read(
    bodyId: string,
    fromIndex: number,
    { itemsMax, charsMax }: { readonly itemsMax: number; readonly charsMax: number },
  ): Promise<readonly string[]> {
    const body = this.#disk.bodies.get(bodyId)
    const items: string[] = []
    let chars = 0
    while (items.length < itemsMax && chars < charsMax) {
      const item = body?.get(fromIndex + items.length)
      if (item === undefined) break
      items.push(item)
      chars += item.length
    }
    return items
  }

  async drop(bodyId: string): Promise<void> {
    if (this.#open) this.#disk.bodies.delete(bodyId)
  }

  async bodyIds(): Promise<readonly string[]> {
    return [...this.#disk.bodies.keys()].sort()
  }
}
