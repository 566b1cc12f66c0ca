import { hostname } from 'node:os'
import { z } from 'zod'
import { parseSize } from '../contract/size.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Room } from '../ports/meter.js'
import { type Address, addressSchema, formatAddress, isLoopback, parseAddress } from './address.js'
import { dataPaths, type JoinFile, joinFileSchema, readJsonFile } from './data-dir.js'
import { dataDirOf, nodeIdSchema, nodeSettings, textList, yesOrNo } from './node-settings.js'
import { type Layers, type LogLevel, resolveSettings, setting } from './settings.js'

/** What `startMaster` needs. */
export interface MasterConfig {
  readonly id: string
  /** gRPC addresses of leaders, tried in turn. */
  readonly leaders: readonly string[]
  readonly join: JoinFile
  /** This master's own folder. */
  readonly dataDir: string
  /** Runs at the same time. */
  readonly slots: number
  readonly labels: Readonly<Record<string, string>>
  /** Kept free on this machine, bytes: below it no task is taken; 0 = not looked at. */
  readonly floors: Room
  /** Own HTTP server (/api/agents, /rpc, /metrics, /healthz, /readyz); null = none. */
  readonly http: Address | null
  /** Its HTTP server serves a wall too. */
  readonly wall: boolean
  readonly logLevel: LogLevel
  readonly logJson: boolean
  /** This process's own, from which tasks inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What `startMaster` gives. */
export interface RunningMaster {
  readonly nodeId: string
  /** HOST:PORT of its HTTP server; null when it has none. */
  readonly httpAddress: string | null
  /** Web address of its own wall; null when it serves none. */
  readonly wallUrl: string | null
  /** Resolves when the leader asks this process to restart. */
  readonly restartAsked: Promise<void>
  /** Resolves when everything is on disk; tasks go on under the warden. */
  leave(): Promise<void>
  /** Resolves when no descendant is left and everything is on disk. */
  stop(): Promise<void>
}

/** A leader that is known by its web address: asked once for its gRPC address. */
export const isLeaderUrl = (leader: string): boolean => /^https?:\/\//.test(leader)

const isLeader = (text: string): boolean =>
  isLeaderUrl(text) ? URL.canParse(text) : parseAddress(text) !== null

const labelsSchema = z
  .union([z.record(z.string(), z.string()), textList.transform(toLabels)], {
    error: 'give labels as KEY=VALUE',
  })
  .refine((labels) => Object.keys(labels).length <= limits.labelsMax, `at most ${limits.labelsMax} labels`)

const sizeSchema = z.union([z.number().int().min(0), z.string().transform(toSize)], {
  error: 'give bytes, or a size such as 512MiB',
})

export const masterSettings = {
  ...nodeSettings,
  id: setting('id', 'AGENTFLOW_ID', nodeIdSchema, masterIdOf(hostname())),
  leaders: setting(
    'leader',
    'AGENTFLOW_LEADERS',
    textList.refine((leaders) => leaders.every(isLeader), {
      error: "give HOST:PORT of a leader's gRPC server, or its http(s) address",
    }),
    [],
  ),
  /** C12's words: --master=URL and MASTER_URL. */
  master: setting<string | null>(
    'master',
    'MASTER_URL',
    z.string().refine(isLeader, "give the leader's http(s) address or HOST:PORT"),
    null,
  ),
  joinFile: setting<string | null>('join-file', 'AGENTFLOW_JOIN_FILE', z.string().min(1), null),
  slots: setting(
    'slots',
    'AGENTFLOW_SLOTS',
    z.coerce.number().int().min(1, 'use 1 or more').max(limits.slotsMax, `use at most ${limits.slotsMax}`),
    limits.slotsDefault,
  ),
  labels: setting<Readonly<Record<string, string>>>('label', 'AGENTFLOW_LABELS', labelsSchema, {}),
  memoryFloor: setting('memory-floor', 'AGENTFLOW_MEMORY_FLOOR', sizeSchema, limits.memoryFloorBytesDefault),
  diskFloor: setting('disk-floor', 'AGENTFLOW_DISK_FLOOR', sizeSchema, limits.diskFloorBytesDefault),
  http: setting<Address>('http', 'AGENTFLOW_HTTP', addressSchema, { host: '127.0.0.1', port: 8101 }),
  wall: setting<boolean>('wall', 'AGENTFLOW_WALL', yesOrNo, false),
}

/**
 * Settles a master's configuration, or refuses it with one sentence (`invalid_configuration`). A leader given by its
 * web address is left as it is: the caller asks it.
 */
export function masterConfig(layers: Layers): MasterConfig {
  const { values } = resolveSettings(masterSettings, layers)
  const dataDir = dataDirOf(layers)
  const joinFile = values.joinFile ?? dataPaths(dataDir).joinFile
  const join = readJsonFile(joinFile, joinFileSchema, 'join file')
  if (join === null) {
    throw new ControlError(
      'invalid_configuration',
      `There is no join file at ${joinFile}; copy join.json from the leader's data directory and name it with --join-file.`,
    )
  }
  if (!isLoopback(values.http.host)) {
    throw new ControlError(
      'invalid_configuration',
      `A master's own HTTP server has no TLS yet and stays on this machine; ${formatAddress(values.http)} is refused, bind 127.0.0.1.`,
    )
  }
  const asked = values.leaders.length > 0 ? values.leaders : values.master === null ? [] : [values.master]
  const leaders = asked.length > 0 ? asked : join.leaders
  refusePlainTravel(leaders, join)
  const { id, slots, labels, http, wall, logLevel, logJson } = values
  const floors = { memoryBytes: values.memoryFloor, diskBytes: values.diskFloor }
  const { environment } = layers
  return {
    id,
    leaders,
    join,
    dataDir: dataPaths(dataDir).master(id),
    slots,
    labels,
    floors,
    http,
    wall,
    logLevel,
    logJson,
    environment,
  }
}

/** The join key must not cross a network in the clear. */
export function refusePlainTravel(leaders: readonly string[], join: JoinFile): void {
  if (join.caPem !== null) return
  const far = leaders.find((leader) => {
    const address = parseAddress(leader)
    return address !== null && !isLoopback(address.host)
  })
  if (far === undefined) return
  throw new ControlError(
    'invalid_configuration',
    `The leader at ${far} is on another machine and the join file has no certificate authority; start that leader with --tls auto and copy its join.json again.`,
  )
}

function toSize(text: string, context: z.RefinementCtx): number {
  const bytes = parseSize(text)
  if (bytes !== null) return bytes
  context.addIssue({ code: 'custom', message: 'give bytes, or a size such as 512MiB' })
  return z.NEVER
}

function toLabels(pairs: readonly string[], context: z.RefinementCtx): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const pair of pairs) {
    const split = pair.indexOf('=')
    if (split < 1) {
      context.addIssue({ code: 'custom', message: 'give labels as KEY=VALUE' })
      return z.NEVER
    }
    labels[pair.slice(0, split)] = pair.slice(split + 1)
  }
  return labels
}

/** A machine's name, made fit for an id. */
export function masterIdOf(host: string): string {
  const short =
    host
      .split('.')[0]
      ?.replace(/[^A-Za-z0-9_-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '') ?? ''
  return short === '' ? 'master-1' : short.slice(0, 63)
}
