import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type PeerServer, startPostgres, startRedis } from './peer-servers.js'
import { QueueSide } from './queue-side.js'

export interface Peers {
  readonly sides: readonly QueueSide[]
  /** Ends the processes and servers, and deletes what they stored. */
  stop(): Promise<void>
}

const folder = new URL('../../../bench/peers/', import.meta.url)

/** Where each queue keeps its tasks, and its adapter. Queues of the same server share one. */
const peers: Readonly<Record<string, { readonly server: keyof typeof servers; readonly adapter: string }>> = {
  'bullmq-everysec': { server: 'redis-everysec', adapter: 'bullmq.mjs' },
  'bullmq-always': { server: 'redis-always', adapter: 'bullmq.mjs' },
  'pg-boss': { server: 'postgres', adapter: 'pg-boss.mjs' },
  'graphile-worker': { server: 'postgres', adapter: 'graphile-worker.mjs' },
}
const servers = {
  'redis-everysec': () => startRedis('everysec'),
  'redis-always': () => startRedis('always'),
  postgres: () => startPostgres(),
} as const

export async function startPeers(names: readonly string[]): Promise<Peers> {
  install()
  const running = new Map<string, PeerServer>()
  const sides: QueueSide[] = []
  const stop = async () => {
    for (const side of sides) side.end()
    for (const server of running.values()) await server.stop()
  }
  try {
    for (const name of names) {
      const peer = peers[name]
      if (peer === undefined) throw new Error(`no peer ${name}`)
      const server = running.get(peer.server) ?? (await servers[peer.server]())
      running.set(peer.server, server)
      sides.push(new QueueSide(name, new URL(peer.adapter, folder).href, server.url))
    }
    return { sides, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

/** The peers' packages as their lock file has them, unless they are there. */
function install(): void {
  const cwd = fileURLToPath(folder)
  const wanted = versions(new URL('package-lock.json', folder))
  const has = versions(new URL('node_modules/.package-lock.json', folder))
  if ([...wanted].every(([path, version]) => has.get(path) === version)) return
  console.error('installing the peers into bench/peers/node_modules …')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>
}

/** Version by path of what a lock file holds; optional packages depend on the platform. */
function versions(lockFile: URL): ReadonlyMap<string, string | undefined> {
  if (!existsSync(lockFile)) return new Map()
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as LockFile
  return new Map(
    Object.entries(packages).flatMap(([path, { version, optional }]) =>
      path === '' || optional === true ? [] : [[path, version] as const],
    ),
  )
}
