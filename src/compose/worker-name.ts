import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Random } from '../ports/random.js'

const nameBytes = 3

/** A name that no other live worker of this machine has. */
export interface WorkerName {
  readonly name: string
  release(): void
}

/**
 * Takes the first free name of HOST-w1, HOST-w2, …: a worker that is started again finds its old one, so that the
 * leader knows it, and two at a time never share one. The kernel frees a name with its process. Where there are no
 * abstract sockets (only Linux has them) each start has a name of its own.
 */
export async function claimWorkerName(
  host: string,
  random: Random,
  platform: NodeJS.Platform = process.platform,
): Promise<WorkerName> {
  if (platform !== 'linux') return { name: `${host}-w${random.hex(nameBytes)}`, release: () => undefined }
  for (let number = 1; number <= limits.workersPerMachineMax; number += 1) {
    const name = `${host}-w${number}`
    const server = await listen(`\0agentflow-worker/${name}`)
    if (server !== null) return { name, release: () => server.close() }
  }
  throw new ControlError(
    'resource_exhausted',
    `${limits.workersPerMachineMax} workers run on this machine already; give this one a name.`,
  )
}

/** null when another process has it. */
async function listen(path: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    await once(server.listen(path), 'listening')
    return server
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE') return null
    throw thrown
  }
}
