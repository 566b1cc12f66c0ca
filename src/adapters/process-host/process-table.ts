import { hasProc, listPids, type ProcessStat, readEnvironment, readStat, variableOf } from './proc.js'

/** The processes of this machine at one moment. */
export interface Snapshot {
  readonly takenAtMs: number
  readonly byPid: ReadonlyMap<number, ProcessStat>
  readonly childrenOf: ReadonlyMap<number, readonly ProcessStat[]>
  /** Processes whose environment names this run. */
  readonly byFence: ReadonlyMap<number, readonly ProcessStat[]>
}

const dead = (state: string): boolean => state === 'Z' || state === 'X'

/**
 * Reads the machine's processes and knows which run each was started for, by the two variables that every run gets:
 * AGENTFLOW_FENCE and AGENTFLOW_DATA_ID. A process keeps its answer for life, so a look costs one read per process.
 */
export class ProcessTable {
  readonly #dataId: string
  readonly #fences = new Map<number, { readonly startTicks: number; readonly fence: number | null }>()
  #latest: Snapshot | null = null

  constructor(dataId: string) {
    this.#dataId = dataId
  }

  /** A snapshot that is at most so old: one look serves everyone who asks at about the same time. */
  recent(ageMsMax: number): Snapshot {
    const latest = this.#latest
    return latest !== null && performance.now() - latest.takenAtMs < ageMsMax ? latest : this.scan()
  }

  /** A snapshot of now. Zombies are left out: they run no more. */
  scan(): Snapshot {
    const byPid = new Map<number, ProcessStat>()
    const childrenOf = new Map<number, ProcessStat[]>()
    const byFence = new Map<number, ProcessStat[]>()
    const takenAtMs = performance.now()
    for (const pid of hasProc ? listPids() : []) {
      const stat = readStat(pid)
      if (stat === null || dead(stat.state) || pid === process.pid) continue
      byPid.set(pid, stat)
      listed(childrenOf, stat.parentPid, stat)
      const fence = this.#fenceOf(stat)
      if (fence !== null) listed(byFence, fence, stat)
    }
    for (const pid of this.#fences.keys()) if (!byPid.has(pid)) this.#fences.delete(pid)
    this.#latest = { takenAtMs, byPid, childrenOf, byFence }
    return this.#latest
  }

  #fenceOf(stat: ProcessStat): number | null {
    const known = this.#fences.get(stat.pid)
    if (known?.startTicks === stat.startTicks) return known.fence
    const environment = readEnvironment(stat.pid)
    // Kernel threads show none for ever; a process that is just being made shows it at the next look.
    if (environment?.length === 0 && stat.parentPid !== 2 && stat.pid !== 2) return null
    const fence = environment === null ? null : this.#markIn(environment)
    this.#fences.set(stat.pid, { startTicks: stat.startTicks, fence })
    return fence
  }

  #markIn(environment: Buffer): number | null {
    if (variableOf(environment, 'AGENTFLOW_DATA_ID') !== this.#dataId) return null
    const fence = Number(variableOf(environment, 'AGENTFLOW_FENCE'))
    return Number.isSafeInteger(fence) && fence > 0 ? fence : null
  }
}

function listed<K>(lists: Map<K, ProcessStat[]>, key: K, stat: ProcessStat): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [stat])
  else list.push(stat)
}
