import type { Client } from '../client/index.js'
import type { ClientConfig } from '../compose/client-config.js'
import { dataIdOf, dataPaths, joinFileSchema, readJsonFile } from '../compose/data-dir.js'
import { portsOf, type UpConfig } from '../compose/up-config.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { clientFor } from './connection.js'
import { mastersOnline } from './masters-online.js'
import { type ProcessChange, type Ready, Supervised } from './supervised.js'
import { sweepDescendants } from './sweep.js'

/** The READY line of `up`: what programs rely on. */
export interface FleetReady {
  readonly ready: true
  /** The wall, with its one-time login. */
  readonly url: string
  readonly api: string
  readonly ws: string
  readonly grpc: string
  readonly token: string
  readonly joinFile: string
  readonly dataDir: string
  /** Wall of each master's own, by its name; the same sign-in as at the leader's. */
  readonly walls: Readonly<Record<string, string>>
  readonly pids: Readonly<Record<string, number>>
}

export interface FleetOptions {
  readonly config: UpConfig
  readonly restarts: boolean
  /** Children say what is wrong as ERROR. */
  readonly json: boolean
  readonly environment: NodeJS.ProcessEnv
  readonly onChange: (change: ProcessChange) => void
}

/** The processes of `up`: a leader, then its masters; down in the other order. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #leader: Supervised
  #masters: readonly Supervised[] = []
  #connection: ClientConfig | null = null
  #isStopping = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#leader = this.#supervise('leader', (ready) => leaderArgs(options.config, ready))
  }

  /** Resolves when every master has joined. Rejects when a process does not come up; `stop` must follow. */
  async start(): Promise<FleetReady> {
    const { config } = this.#options
    const leader = await this.#leader.start()
    if (this.#isStopping) throw new ControlError('unavailable', 'It is stopping.')
    const joinFile = textOf(leader, 'joinFile')
    this.#masters = Array.from({ length: config.masters }, (_, index) =>
      this.#supervise(`master-${index + 1}`, (ready) => masterArgs(config, { index, leader, ready })),
    )
    const readies = await Promise.all(this.#masters.map((master) => master.start()))
    const names = this.#masters.map(({ name }) => name)
    this.#connection = {
      url: textOf(leader, 'api'),
      token: textOf(leader, 'token'),
      caPem: readJsonFile(joinFile, joinFileSchema, 'join file')?.caPem ?? null,
    }
    await mastersOnline(this.client(), names)
    const processes = [this.#leader, ...this.#masters]
    return {
      ready: true,
      url: textOf(leader, 'url'),
      api: textOf(leader, 'api'),
      ws: textOf(leader, 'ws'),
      grpc: textOf(leader, 'grpc'),
      token: textOf(leader, 'token'),
      joinFile,
      dataDir: config.dataDir,
      walls: Object.fromEntries(readies.map((ready) => [textOf(ready, 'id'), textOf(ready, 'wall')])),
      pids: Object.fromEntries([['up', process.pid], ...processes.map(({ name, pid }) => [name, pid ?? 0])]),
    }
  }

  /** For the leader of this fleet, whatever the environment says of others. Only after `start`. */
  client(): Client {
    if (this.#connection === null) throw new ControlError('unavailable', 'The leader is not up yet.')
    return clientFor(this.#connection)
  }

  /** Masters first, which end their tasks, then the leader, then whatever is left of a task. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#masters.map((master) => master.stop(limits.mastersStopMs)))
    await this.#leader.stop(limits.leaderStopMs)
    const { dataDir } = this.#options.config
    const ids = this.#masters.flatMap(({ name }) => dataIdOf(dataPaths(dataDir).master(name)) ?? [])
    if (ids.length > 0) sweepDescendants(ids)
  }

  #supervise(name: string, args: (ready: Ready | null) => readonly string[]): Supervised {
    const { environment, restarts, json, onChange } = this.#options
    const allArgs = (ready: Ready | null): readonly string[] => [...args(ready), ...(json ? ['--json'] : [])]
    return new Supervised({ name, args: allArgs, environment, restarts, onChange })
  }
}

const nodeArgs = (config: UpConfig): readonly string[] => [
  `--data=${config.dataDir}`,
  '--allow-root',
  ...(config.logJson ? ['--log-json'] : []),
]

function leaderArgs(config: UpConfig, ready: Ready | null): readonly string[] {
  const ports = portsOf(config.port)
  const http = ready === null ? `127.0.0.1:${ports.http}` : new URL(textOf(ready, 'api')).host
  const grpc = ready === null ? `127.0.0.1:${ports.grpc}` : textOf(ready, 'grpc')
  return ['leader', '--id=leader-1', `--http=${http}`, `--grpc=${grpc}`, ...nodeArgs(config)]
}

function masterArgs(
  config: UpConfig,
  { index, leader, ready }: { index: number; leader: Ready; ready: Ready | null },
): readonly string[] {
  const http = ready === null ? `127.0.0.1:${portsOf(config.port).master(index)}` : textOf(ready, 'http')
  return [
    'master',
    `--id=master-${index + 1}`,
    `--leader=${textOf(leader, 'grpc')}`,
    `--join-file=${textOf(leader, 'joinFile')}`,
    `--slots=${config.slots}`,
    `--http=${http}`,
    '--wall',
    ...nodeArgs(config),
  ]
}

/** A field of a ready line; they are ours, so a missing one is a defect. */
function textOf(ready: Ready, field: string): string {
  const value = ready[field]
  if (typeof value !== 'string') throw new Error(`the ready line has no ${field}`)
  return value
}
