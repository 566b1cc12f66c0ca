import { z } from 'zod'
import { sentenceOf } from '../contract/issues.js'
import { ControlError } from '../core/errors.js'
import { addressSchema, formatAddress, isLoopback, parseAddress } from './address.js'
import { clientFileSchema, dataPaths, readJsonFile } from './data-dir.js'
import { dataDirOf, nodeSettings, textList } from './node-settings.js'
import { type Layers, type LogLevel, resolveSettings, setting } from './settings.js'

/** What `createSubmitter` is given. */
export interface SubmitterSettings {
  readonly leader?: string | readonly string[] | undefined
  readonly token?: string | undefined
  readonly caPem?: string | null | undefined
}

export interface SubmitterConfig {
  readonly leaders: readonly string[]
  readonly token: string
  readonly caPem: string | null
  readonly logLevel: LogLevel
  readonly logJson: boolean
}

const leadersSchema = z.array(addressSchema.transform(formatAddress)).min(1)

const settingsSchema = z.object({
  leader: z.union([addressSchema.transform((address) => [formatAddress(address)]), leadersSchema]).optional(),
  token: z.string().min(1).optional(),
  caPem: z.string().min(1).nullable().optional(),
})

const environmentSettings = {
  logLevel: { ...nodeSettings.logLevel, fallback: 'warn' as LogLevel },
  logJson: nodeSettings.logJson,
  leaders: setting<readonly string[]>(
    'leader',
    'AGENTFLOW_LEADERS',
    textList.refine((leaders) => leadersSchema.safeParse(leaders).success, {
      error: "give HOST:PORT of a leader's gRPC server",
    }),
    [],
  ),
  token: setting<string | null>('token', 'AGENTFLOW_TOKEN', z.string().min(1), null),
}

/**
 * Settles a submitter's configuration: what it is given > environment > cli.json of the data directory. Refused with one
 * sentence (`invalid_configuration`).
 */
export function submitterConfig(
  given: SubmitterSettings,
  environment: Layers['environment'],
): SubmitterConfig {
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success) {
    throw new ControlError('invalid_configuration', `${sentenceOf(parsed.error.issues, 'createSubmitter')}.`)
  }
  const layers: Layers = { flags: {}, environment, file: null }
  const { values } = resolveSettings(environmentSettings, layers)
  const path = dataPaths(dataDirOf(layers)).clientFile
  const file = readJsonFile(path, clientFileSchema, 'file')
  const leaders = parsed.data.leader ?? (values.leaders.length > 0 ? values.leaders : null)
  const known = leaders ?? (file?.grpc === undefined ? null : [file.grpc])
  if (known === null) {
    throw new ControlError(
      'invalid_configuration',
      `No leader is known: ${path} names none; give createSubmitter the leader's gRPC address as leader: "HOST:PORT".`,
    )
  }
  const token = parsed.data.token ?? values.token ?? file?.token
  if (token === undefined) {
    throw new ControlError(
      'invalid_configuration',
      `No token is known: ${path} does not exist; set AGENTFLOW_TOKEN or give createSubmitter a token.`,
    )
  }
  const caPem = parsed.data.caPem === undefined ? (file?.caPem ?? null) : parsed.data.caPem
  refusePlainTravel(known, caPem)
  return { leaders: known, token, caPem, logLevel: values.logLevel, logJson: values.logJson }
}

/** A token is a secret: it leaves this machine only encrypted. */
function refusePlainTravel(leaders: readonly string[], caPem: string | null): void {
  if (caPem !== null) return
  const far = leaders.find((leader) => !isLoopback(parseAddress(leader)?.host ?? ''))
  if (far === undefined) return
  throw new ControlError(
    'invalid_configuration',
    `${far} is not on this machine and no certificate authority is known; give createSubmitter the caPem of the leader's cli.json.`,
  )
}
