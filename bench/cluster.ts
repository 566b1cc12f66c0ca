import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { answerOf } from './child.js'
import type { LoopDelay } from './loop-probe.js'

/** What the first line of every `agentflow … --json` that serves has. */
interface Addresses {
  readonly url: string
  readonly api: string
  readonly ws: string
  readonly grpc: string
  readonly token: string
  readonly joinFile: string
  readonly dataDir: string
}

/** First line of `agentflow up --json`. */
export interface Ready extends Addresses {
  readonly pids: Readonly<Record<string, number>>
}

/** First line of `agentflow leader --json`. */
export interface LeaderReady extends Addresses {
  readonly pid: number
}

export interface Running<T> {
  readonly ready: T
  /** Ends it in order and deletes its data. */
  stop(): Promise<void>
  /** SIGKILL; its data stays. */
  kill(): Promise<void>
}
export type Cluster = Running<Ready>

export interface ProbedLeader extends Running<LeaderReady> {
  /** Of its event loop since the last question. */
  loopDelay(): Promise<LoopDelay>
}

const program = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const probe = new URL('loop-probe.js', import.meta.url).href

/** The built product on free ports and a fresh data directory: a leader and `masters` masters, without sample tasks. */
export const startCluster = ({ masters = 2 } = {}): Promise<Cluster> =>
  start<Ready>(['up', '--json', '--port', '0', '--no-sample', '--masters', String(masters)], {})

/** The built leader alone, on free ports; `dataDir`: what an earlier one left, default a fresh directory. */
export const startLeader = (dataDir?: string): Promise<Running<LeaderReady>> =>
  start<LeaderReady>(leaderArgs, { dataDir })

/** The same, and its event loop can be asked for. */
export const startProbedLeader = (dataDir?: string): Promise<ProbedLeader> =>
  start<LeaderReady>(leaderArgs, { dataDir, isProbed: true })

const leaderArgs = [
  ...['leader', '--json', '--allow-root', '--log-level', 'error'],
  ...['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0'],
]

interface StartOptions {
  readonly dataDir?: string | undefined
  readonly isProbed?: boolean
}

async function start<T>(
  args: readonly string[],
  { dataDir = mkdtempSync(join(tmpdir(), 'agentflow-bench-')), isProbed = false }: StartOptions,
): Promise<Running<T> & Pick<ProbedLeader, 'loopDelay'>> {
  const child = spawn(
    process.execPath,
    [...(isProbed ? ['--import', probe] : []), program, ...args, '--data', dataDir],
    { stdio: ['ignore', 'pipe', 'pipe', ...(isProbed ? (['ipc'] as const) : [])] },
  )
  const log: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => {
    log.push(chunk)
    // Enough to see why it did not start.
    if (log.length > 200) log.shift()
  })
  const stop = async () => {
    await ended(child, 'SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    return {
      ready: await firstLine<T>(child),
      stop,
      kill: () => ended(child, 'SIGKILL'),
      loopDelay: () => answerOf<LoopDelay>(child, {}),
    }
  } catch (cause) {
    await stop()
    throw new Error(`agentflow ${args[0]} did not start:\n${Buffer.concat(log).toString()}`, { cause })
  }
}

async function firstLine<T>(child: ChildProcess): Promise<T> {
  if (child.stdout === null) throw new Error('the program has no stdout')
  const lines = createInterface({ input: child.stdout })
  const signal = AbortSignal.timeout(30_000)
  const [line] = await once(lines, 'line', { signal })
  return JSON.parse(String(line)) as T
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

/** JSON call of the REST interface; rejects on any status but 2xx. */
export async function call(ready: Addresses, path: string, body?: unknown): Promise<unknown> {
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
