import { z } from 'zod'
import { ControlError } from '../core/errors.js'
import { type Address, addressSchema, formatAddress, isLoopback } from './address.js'
import { installedWall } from './installed-wall.js'
import { dataDirOf, nodeIdSchema, nodeSettings, textList } from './node-settings.js'
import { type Layers, type LogLevel, resolveSettings, setting } from './settings.js'

/** `off`, made and renewed by ourselves in the data directory, or a folder with ca.pem, cert.pem and key.pem. */
export type TlsChoice = 'off' | 'auto' | { readonly dir: string }

/** What `startLeader` needs. An address with port 0 takes a free port. */
export interface LeaderConfig {
  readonly id: string
  readonly http: Address
  readonly grpc: Address
  readonly dataDir: string
  readonly tls: TlsChoice
  /** Further web origins that may call the API, exact: `https://wall.example:8443`. */
  readonly corsOrigins: readonly string[]
  /** Further names under which this leader is reached: `leader` (its own port) or `leader:443`. */
  readonly allowedHosts: readonly string[]
  /** A second place for the join file, for example a volume that masters share; null = the data directory only. */
  readonly joinFileCopy: string | null
  /** Web address that is told of alerts; null = none. */
  readonly alertWebhook: string | null
  /** Signs what it is told; null = not signed. */
  readonly alertWebhookSecret: string | null
  /** Folder of the built wall; null when this installation has none. */
  readonly wallDir: string | null
  readonly logLevel: LogLevel
  readonly logJson: boolean
}

/** What `startLeader` gives. */
export interface RunningLeader {
  readonly leaderId: string
  readonly term: number
  readonly httpUrl: string
  readonly wsUrl: string
  readonly grpcAddress: string
  /** Admin token; the same one after a restart on the same data. */
  readonly token: string
  /** One-time login code for the wall, good for limits.loginCodeMs. */
  readonly loginCode: string
  /** Path of the file that masters join with. */
  readonly joinFile: string
  /** Authority that clients must trust; null without TLS. */
  readonly caPem: string | null
  /** Resolves when everything is closed and on disk. */
  stop(): Promise<void>
}

const tlsSchema = z
  .string()
  .min(1, 'use off, auto or a folder with ca.pem, cert.pem and key.pem')
  .transform((text): TlsChoice => (text === 'off' || text === 'auto' ? text : { dir: text }))

const originsSchema = textList.refine((origins) => origins.every(isOrigin), {
  error: 'give exact origins, such as https://wall.example:8443',
})

export const leaderSettings = {
  ...nodeSettings,
  id: setting('id', 'AGENTFLOW_ID', nodeIdSchema, 'leader-1'),
  http: setting('http', 'AGENTFLOW_HTTP', addressSchema, { host: '127.0.0.1', port: 8100 }),
  grpc: setting('grpc', 'AGENTFLOW_GRPC', addressSchema, { host: '127.0.0.1', port: 8150 }),
  tls: setting<TlsChoice>('tls', 'AGENTFLOW_TLS', tlsSchema, 'off'),
  corsOrigins: setting('cors', 'AGENTFLOW_CORS_ORIGINS', originsSchema, []),
  allowedHosts: setting('allow-host', 'AGENTFLOW_ALLOWED_HOSTS', textList, []),
  alertWebhook: setting<string | null>(
    'alert-webhook',
    'AGENTFLOW_ALERT_WEBHOOK',
    z.url({ protocol: /^https?$/, error: 'give an http(s) address' }),
    null,
  ),
  alertWebhookSecret: setting<string | null>(
    'alert-webhook-secret',
    'AGENTFLOW_ALERT_WEBHOOK_SECRET',
    z.string().min(1),
    null,
  ),
  joinFileCopy: setting<string | null>(
    'write-join-file',
    'AGENTFLOW_WRITE_JOIN_FILE',
    z.string().min(1),
    null,
  ),
}

/** Settles a leader's configuration, or refuses it with one sentence (`invalid_configuration`). */
export function leaderConfig(layers: Layers): LeaderConfig {
  const { values } = resolveSettings(leaderSettings, layers)
  for (const address of [values.http, values.grpc]) {
    if (values.tls !== 'off' || isLoopback(address.host)) continue
    throw new ControlError(
      'invalid_configuration',
      `The leader would listen on ${formatAddress(address)} without TLS; add --tls auto or bind 127.0.0.1.`,
    )
  }
  return { ...values, dataDir: dataDirOf(layers), wallDir: installedWall() }
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.origin === text
}
