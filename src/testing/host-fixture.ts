import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostExit, StartRun, TaskHost } from '../ports/task-host.js'
import { plainTerms } from './plain-terms.js'
import { TaskHostRecorder } from './task-host-recorder.js'

/** A folder of its own for one test; `close` deletes it. */
export function temporaryFolder(name: string): { readonly path: string; close(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `agentflow-${name}-`)))
  return { path, close: () => rmSync(path, { recursive: true, force: true }) }
}

/** A start of a shell text, with what is not given left at nothing. */
export const shellRun = (fence: number, shell: string, more: Partial<StartRun> = {}): StartRun => ({
  taskId: `t${fence}`,
  attempt: 1,
  fence,
  argv: null,
  shell,
  cwd: null,
  env: {},
  stdin: null,
  stdinOpen: false,
  terms: plainTerms,
  ...more,
})

/** State letter of a process by the kernel; null when it is gone or only waits to be buried. */
export function stateOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
    return state === 'Z' || state === 'X' ? null : state
  } catch {
    return null
  }
}

export const goneAll = (pids: readonly number[]): boolean => pids.every((pid) => stateOf(pid) === null)

export interface HostChoices {
  readonly spoolBytesMax?: number
  readonly useCgroups?: boolean
}

/** A host on a folder of its own, with what it told; `reopen` is a restart. */
export class HostFixture {
  readonly #folder = temporaryFolder('host')
  readonly #open: (dataDir: string, choices: HostChoices) => TaskHost
  readonly told = new TaskHostRecorder()
  host: TaskHost

  constructor(open: (dataDir: string, choices: HostChoices) => TaskHost) {
    this.#open = open
    this.host = open(this.#folder.path, {})
  }

  get path(): string {
    return this.#folder.path
  }

  attach(): Promise<void> {
    return this.host.attach(this.told)
  }

  async reopen(choices: HostChoices = {}): Promise<void> {
    await this.host.shutdown(0)
    this.host = this.#open(this.path, choices)
    await this.attach()
  }

  async close(): Promise<void> {
    await this.host.shutdown(0)
    this.#folder.close()
  }

  async ended(fence: number): Promise<HostExit | undefined> {
    await this.told.until(() => this.told.exitOf(fence) !== undefined)
    return this.told.exitOf(fence)
  }

  output(fence: number, text: string): Promise<void> {
    return this.told.until(() => this.told.text(fence, 'out').includes(text))
  }

  /** Pids that the run prints, one a line, once there are `count`. */
  async printedPids(fence: number, count: number): Promise<readonly number[]> {
    const lines = (): readonly string[] => this.told.text(fence, 'out').trim().split('\n').filter(Boolean)
    await this.told.until(() => lines().length >= count)
    return lines().map(Number)
  }
}
