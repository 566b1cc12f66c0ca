import { spawn } from 'node:child_process'
import { closeSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { limits } from '../core/limits.js'
import type { MasterConfig } from './master-config.js'
import type { MasterData } from './master-data.js'

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url))

/**
 * Starts a warden in a session of its own, so that it outlives this process; what it has to say goes to warden.log. It
 * carries the mark of its folder, as its tasks do, and none of this process's secrets.
 */
export function launchWarden(
  { id, logLevel, logJson }: MasterConfig,
  data: MasterData,
  environment: Readonly<Record<string, string>>,
): void {
  const log = openLog(join(data.path, 'warden.log'))
  const args = ['warden', '--data', data.path, '--id', id, '--log-level', logLevel]
  const child = spawn(process.execPath, [program, ...args, ...(logJson ? ['--log-json'] : [])], {
    cwd: data.path,
    env: { ...environment, AGENTFLOW_DATA_ID: data.dataId },
    detached: true,
    stdio: ['ignore', log, log],
  })
  // Whether it came up is seen at its socket.
  child.once('error', () => undefined)
  child.unref()
  closeSync(log)
}

function openLog(path: string): number {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return openSync(path, bytes > limits.wardenLogBytesMax ? 'w' : 'a', 0o600)
}
