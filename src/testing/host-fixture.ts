import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StartRun } from '../ports/task-host.js'

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
