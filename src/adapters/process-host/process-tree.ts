import type { RunGroup } from './cgroup.js'
import { hasProc, type ProcessStat, readStat } from './proc.js'
import type { ProcessTable, Snapshot } from './process-table.js'

/** One process to signal. `state` is null where the system does not show it. */
export interface Member {
  readonly pid: number
  readonly parentPid: number
  readonly state: string | null
}

/** Age of a look that is young enough to wait by, ms. */
const waitAgeMsMax = 20

export const isStopped = ({ state }: Member): boolean => state === 'T' || state === 't' || state === null

/**
 * All processes of one run: the main one, what carries the run's marks in its environment, what stands in its cgroup,
 * whatever was found before and lives on, and every descendant of these. So a process that leaves its session, forks
 * twice or loses its parent stays in. Without /proc it is the main process's group alone.
 */
export class ProcessTree {
  readonly #table: ProcessTable
  readonly #fence: number
  #group: RunGroup | null = null
  #mainPid: number | null
  /** pid → start: members found so far. */
  readonly #known = new Map<number, number>()

  constructor(options: {
    readonly table: ProcessTable
    readonly fence: number
    readonly main: { readonly pid: number; readonly startTicks: number | null } | null
  }) {
    this.#table = options.table
    this.#fence = options.fence
    this.#mainPid = options.main?.pid ?? null
    if (options.main?.startTicks != null) this.#known.set(options.main.pid, options.main.startTicks)
  }

  /** What stands in this cgroup belongs to it from now on. */
  joinGroup(group: RunGroup): void {
    this.#group = group
  }

  /** The main process is reaped: from now on its pid may name another. */
  mainEnded(): void {
    if (this.#mainPid !== null) this.#known.delete(this.#mainPid)
  }

  /** Whoever lives now. */
  members(): readonly Member[] {
    return hasProc ? this.statsIn(this.#table.scan()) : this.#groupMembers()
  }

  /** The same by a look that may be a moment old: to wait for the end of many trees at once. */
  membersLately(): readonly Member[] {
    return hasProc ? this.statsIn(this.#table.recent(waitAgeMsMax)) : this.#groupMembers()
  }

  /** The same by an earlier look at the machine; empty without /proc. */
  statsIn(snapshot: Snapshot): readonly ProcessStat[] {
    const members = new Map<number, ProcessStat>()
    const pending: ProcessStat[] = [...(snapshot.byFence.get(this.#fence) ?? [])]
    for (const [pid, startTicks] of this.#known) {
      const stat = snapshot.byPid.get(pid)
      if (stat?.startTicks === startTicks) pending.push(stat)
      else this.#known.delete(pid)
    }
    for (const pid of this.#group?.pids() ?? []) {
      const stat = snapshot.byPid.get(pid)
      if (stat !== undefined) pending.push(stat)
    }
    for (let stat = pending.pop(); stat !== undefined; stat = pending.pop()) {
      if (members.has(stat.pid)) continue
      members.set(stat.pid, stat)
      this.#known.set(stat.pid, stat.startTicks)
      pending.push(...(snapshot.childrenOf.get(stat.pid) ?? []))
    }
    return [...members.values()]
  }

  /** Sends to each; one that is gone already is passed over. Returns how many there were. */
  signal(members: readonly Member[], name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): number {
    let sent = 0
    for (const { pid } of members) {
      try {
        process.kill(pid, name)
        sent += 1
      } catch {
        // Gone, or (another user's by setuid) not ours to signal.
      }
    }
    return sent
  }

  /** The kernel's own end of everything in the cgroup, where there is one. */
  killGroup(): void {
    this.#group?.kill()
  }

  /** The tree is gone. */
  leaveGroup(): void {
    this.#group?.remove()
    this.#group = null
  }

  #groupMembers(): readonly Member[] {
    if (this.#mainPid === null) return []
    try {
      process.kill(-this.#mainPid, 0)
      return [{ pid: -this.#mainPid, parentPid: process.pid, state: null }]
    } catch {
      return []
    }
  }
}

/** When a process was born, to tell it from a later one of the same pid; null without /proc or when it is gone. */
export const startTicksOf = (pid: number): number | null =>
  hasProc ? (readStat(pid)?.startTicks ?? null) : null
