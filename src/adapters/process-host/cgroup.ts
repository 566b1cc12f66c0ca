import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { readText } from './proc.js'

/** A cgroup (v2) of one run: the kernel's own list of its processes, whatever they do to hide. */
export interface RunGroup {
  add(pid: number): void
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

  /** null when it cannot be made. */
  group(fence: number): RunGroup | null {
    const path = join(this.#path, String(fence))
    try {
      mkdirSync(path, { recursive: true })
    } catch {
      return null
    }
    return {
      add: (pid) => tell(join(path, 'cgroup.procs'), String(pid)),
      pids: () => pidsIn(path),
      kill: () => tell(join(path, 'cgroup.kill'), '1'),
      remove: () => removeQuietly(path),
    }
  }

  /** Ends and removes what a dead predecessor left of runs that nobody holds. */
  clear(isHeld: (fence: number) => boolean): void {
    for (const entry of readdirSync(this.#path, { withFileTypes: true })) {
      const fence = Number(entry.name)
      if (!entry.isDirectory() || !Number.isSafeInteger(fence) || isHeld(fence)) continue
      tell(join(this.#path, entry.name, 'cgroup.kill'), '1')
      removeQuietly(join(this.#path, entry.name))
    }
  }

  remove(): void {
    removeQuietly(this.#path)
  }
}

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

/** A process may be gone and a kernel may lack `cgroup.kill`: the marks in the environment find the rest. */
function tell(path: string, text: string): void {
  try {
    writeFileSync(path, text)
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
