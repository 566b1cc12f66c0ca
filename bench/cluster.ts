import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** First line of `agentflow up --json`. */
export interface Ready {
  readonly url: string
  readonly api: string
  readonly ws: string
  readonly grpc: string
  readonly token: string
  readonly joinFile: string
  readonly dataDir: string
  readonly pids: Readonly<Record<string, number>>
}

export interface Cluster {
  readonly ready: Ready
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** The built product on free ports and a fresh data directory: a leader and `masters` masters, without sample tasks. */
export async function startCluster({ masters = 2 } = {}): Promise<Cluster> {
  const dataDir = mkdtempSync(join(tmpdir(), 'agentflow-bench-'))
  const args = ['up', '--json', '--port', '0', '--no-sample', '--masters', String(masters), '--data', dataDir]
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const log: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => {
    log.push(chunk)
    // Enough to see why it did not start.
    if (log.length > 200) log.shift()
  })
  const stop = async () => {
    await stopped(child)
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    return { ready: await firstLine(child), stop }
  } catch (cause) {
    await stop()
    throw new Error(`the cluster did not start:\n${Buffer.concat(log).toString()}`, { cause })
  }
}

async function firstLine(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new Error('the cluster has no stdout')
  const lines = createInterface({ input: child.stdout })
  const signal = AbortSignal.timeout(30_000)
  const [line] = await once(lines, 'line', { signal })
  return JSON.parse(String(line)) as Ready
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

/** JSON call of the REST interface; rejects on any status but 2xx. */
export async function call(ready: Ready, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${ready.api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${ready.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
