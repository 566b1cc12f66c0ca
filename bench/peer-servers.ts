import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server of somebody else's on a free port of this machine, with a data directory of its own. */
export interface PeerServer {
  readonly url: string
  /** Ends it and deletes its data. */
  stop(): Promise<void>
}

const startMs = 30_000
const tmpfs = 0x01021994
const isRoot = process.getuid?.() === 0

/** Written to the log for each command; `always` before it is acknowledged, `everysec` by the second. */
export async function startRedis(appendfsync: 'everysec' | 'always'): Promise<PeerServer> {
  const program = programOf('redis-server', 'redis-server')
  const dataDir = dataFolder('agentflow-bench-redis-')
  const port = await freePort()
  const child = spawn(
    program,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDir, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', appendfsync],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await serving(child, child.stdout, 'Ready to accept connections')
  return { url: `redis://127.0.0.1:${port}`, stop: () => stopped(child, 'SIGTERM', dataDir) }
}

const postgresSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '256MB',
  wal_buffers: '16MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '30min',
  max_connections: '200',
}

/** As a user of its own where we are root, as which it does not start. */
export async function startPostgres(): Promise<PeerServer> {
  const folder = dirname(realpathSync(programOf('postgres', 'postgresql')))
  const dataDir = dataFolder('agentflow-bench-postgres-')
  const user = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (isRoot) chownSync(dataDir, idOf('-u'), idOf('-g'))
  const options = { ...user, cwd: dataDir }
  const initdb = ['-D', dataDir, '-U', 'bench', '--auth=trust', '--encoding=UTF8', '--locale=C']
  execFileSync(join(folder, 'initdb'), initdb, { ...options, stdio: ['ignore', 'ignore', 'inherit'] })
  const port = await freePort()
  const settings = Object.entries({ ...postgresSettings, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const child = spawn(join(folder, 'postgres'), ['-D', dataDir, ...settings], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await serving(child, child.stderr, 'ready to accept connections')
  // SIGINT is its fast shutdown: it does not wait for clients.
  return {
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    stop: () => stopped(child, 'SIGINT', dataDir),
  }
}

/** A durable figure from a disk in memory says nothing. */
function dataFolder(prefix: string): string {
  if (statfsSync(tmpdir()).type === tmpfs)
    throw new Error(`${tmpdir()} is a tmpfs; set TMPDIR to a folder on a disk`)
  return mkdtempSync(join(tmpdir(), prefix))
}

/** Path of a program, from PATH or Debian's PostgreSQL folders; installed by apt when it is missing and we may. */
function programOf(name: string, aptPackage: string): string {
  const found = find(name)
  if (found !== null) return found
  if (!isRoot || find('apt-get') === null)
    throw new Error(`${name} is missing; run: sudo apt-get update && sudo apt-get install -y ${aptPackage}`)
  console.error(`installing ${aptPackage} …`)
  execFileSync('apt-get', ['update'], { stdio: 'ignore' })
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', aptPackage], { stdio: 'ignore' })
  const installed = find(name)
  if (installed === null) throw new Error(`${aptPackage} came without ${name}`)
  return installed
}

function find(name: string): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

const idOf = (flag: '-u' | '-g'): number => Number(execFileSync('id', [flag, 'nobody']).toString())

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Resolves at the line that says so, rejects with what it said until then. */
function serving(child: ChildProcess, output: NodeJS.ReadableStream, sign: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    const fail = (why: string) => reject(new Error(`${child.spawnfile} ${why}:\n${said.join('\n')}`))
    const timer = setTimeout(() => fail('did not start in time'), startMs)
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => fail(`ended with ${code}`))
    // Read to the end: a full pipe would stop the server.
    createInterface({ input: output }).on('line', (line) => {
      if (!line.includes(sign)) {
        if (said.length < 200) said.push(line)
        return
      }
      clearTimeout(timer)
      resolve()
    })
  })
}

async function stopped(child: ChildProcess, signal: 'SIGTERM' | 'SIGINT', dataDir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  rmSync(dataDir, { recursive: true, force: true })
}
