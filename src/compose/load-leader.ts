import { ControlError } from '../core/errors.js'

/**
 * Loads the leader. It needs SQLite's native module, which npm leaves out where it could neither be fetched nor
 * compiled, and which is made for one version of Node: rejects `invalid_configuration`, saying what to do.
 */
export async function loadLeader(): Promise<typeof import('./leader.js')> {
  try {
    const { default: Database } = await import('better-sqlite3')
    new Database(':memory:').close()
  } catch (cause) {
    throw new ControlError(
      'invalid_configuration',
      `SQLite's native module is missing for Node ${process.versions.node}; install g++, make and python3, then install AgentFlow again (npm ci).`,
      { cause },
    )
  }
  return import('./leader.js')
}
