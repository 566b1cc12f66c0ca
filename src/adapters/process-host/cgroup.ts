import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from './proc.js'

/** A cgroup (v2) of one run: the kernel's own list of its processes, whatever they do to hide. */
export interface RunGroup {
  pids(): readonly number[]
  kill(): void
  /** Only when it is empty. */
  remove(): void
}

/**
 * Where this process may make cgroups under its own one, runs get one each; a plus to the marks in the environment,
 * never a must. Nothing is limited by them.
 */
export class CgroupRoot {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** null where there is no cgroup v2, or no right to make one and move a process into it. */
  static open(dataId: string): CgroupRoot | null {
    const own = ownGroup()
    if (own === null) return null
    const path = join(own, `agentflow-${dataId}`)
    try {
      mkdirSync(path, { recursive: true })
      // Moving a process needs the right on the group that both have in common.
      accessSync(join(own, 'cgroup.procs'), constants.W_OK)
      return new CgroupRoot(path)
    } catch {
      removeQuietly(path)
      return null
    }
  }

  /**
   * Makes the group of a run and moves these processes into it; null when it cannot be. Off this thread: the kernel
   * takes some 10 ms for a move.
   */
  async join(fence: number, pids: readonly number[]): Promise<RunGroup | null> {
    const path = join(this.#path, String(fence))
    try {
      await mkdir(path, { recursive: true })
    } catch {
      return null
    }
    // One that is gone by now is none to move.
    for (const pid of pids) await writeFile(join(path, 'cgroup.procs'), String(pid)).catch(() => undefined)
    return groupAt(path)
  }

  /** What a dead predecessor made for a run; null when it made none. */
  find(fence: number): RunGroup | null {
    const path = join(this.#path, String(fence))
    return existsSync(path) ? groupAt(path) : null
  }

  /** Ends and removes what a dead predecessor left of runs that nobody holds. */
  clear(isHeld: (fence: number) => boolean): void {
    for (const entry of readdirSync(this.#path, { withFileTypes: true })) {
      const fence = Number(entry.name)
      if (!entry.isDirectory() || !Number.isSafeInteger(fence) || isHeld(fence)) continue
      const group = groupAt(join(this.#path, entry.name))
      group.kill()
      group.remove()
    }
  }

  remove(): void {
    removeQuietly(this.#path)
  }
}

const groupAt = (path: string): RunGroup => ({
  pids: () => pidsIn(path),
  kill: () => killIn(path),
  remove: () => removeQuietly(path),
})

function ownGroup(): string | null {
  const mount = /^\S+ \S+ \S+ \S+ (\S+) [^\n]* - cgroup2 /m.exec(readText('/proc/self/mountinfo') ?? '')?.[1]
  const path = /^0::(.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1]
  return mount === undefined || path === undefined || path.includes('..') ? null : join(mount, path)
}

function pidsIn(path: string): readonly number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'latin1')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number)
  } catch {
    return []
  }
}

/** Older kernels have no `cgroup.kill`; signals end the members there. */
function killIn(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1')
  } catch {
    // See above.
  }
}

function removeQuietly(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Not empty yet, or never made.
  }
}
