import { z } from 'zod'
import { sentenceOf } from '../contract/issues.js'
import { programTypes } from '../contract/task.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { addressSchema, formatAddress } from './address.js'
import { dataPaths, type JoinFile, joinFileSchema, readJsonFile } from './data-dir.js'
import { refusePlainTravel } from './master-config.js'
import { dataDirOf, nodeIdSchema, nodeSettings, textList } from './node-settings.js'
import { type Layers, type LogLevel, resolveSettings, setting } from './settings.js'

/** What `createWorker` is given beside its functions. */
export interface WorkerSettings {
  readonly leader?: string | readonly string[] | undefined
  readonly joinFile?: string | undefined
  readonly name?: string | undefined
  readonly concurrency?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly types: readonly string[]
}

export interface WorkerConfig {
  /** null = made from the machine's name. */
  readonly name: string | null
  readonly leaders: readonly string[]
  readonly join: JoinFile
  readonly concurrency: number
  readonly labels: Readonly<Record<string, string>>
  readonly types: readonly string[]
  readonly logLevel: LogLevel
  readonly logJson: boolean
}

const leadersSchema = z.array(addressSchema.transform(formatAddress)).min(1)

const settingsSchema = z.object({
  leader: z.union([addressSchema.transform((address) => [formatAddress(address)]), leadersSchema]).optional(),
  joinFile: z.string().min(1).optional(),
  name: nodeIdSchema.optional(),
  concurrency: z.number().int().min(1).max(limits.slotsMax).default(limits.slotsDefault),
  labels: z
    .record(z.string(), z.string())
    .refine((labels) => Object.keys(labels).length <= limits.labelsMax, `at most ${limits.labelsMax} labels`)
    .default({}),
  types: z
    .array(
      z
        .string()
        .min(1)
        .max(50)
        .refine((type) => !programTypes.includes(type), {
          error: ({ input }) => `"${String(input)}" is the name of a program's type; choose another`,
        }),
    )
    .min(1, 'give at least one function')
    .max(limits.labelsMax, `at most ${limits.labelsMax} functions`),
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
  joinFile: setting<string | null>('join-file', 'AGENTFLOW_JOIN_FILE', z.string().min(1), null),
}

/**
 * Settles a worker's configuration: what it is given > environment > join file. Refused with one sentence
 * (`invalid_configuration`).
 */
export function workerConfig(given: WorkerSettings, environment: Layers['environment']): WorkerConfig {
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success) {
    throw new ControlError('invalid_configuration', `${sentenceOf(parsed.error.issues, 'createWorker')}.`)
  }
  const layers: Layers = { flags: {}, environment, file: null }
  const { values } = resolveSettings(environmentSettings, layers)
  const { leader, joinFile, name, ...rest } = parsed.data
  const path = joinFile ?? values.joinFile ?? dataPaths(dataDirOf(layers)).joinFile
  const join = readJsonFile(path, joinFileSchema, 'join file')
  if (join === null) {
    throw new ControlError(
      'invalid_configuration',
      `There is no join file at ${path}; copy join.json from the leader's data directory and name it as joinFile.`,
    )
  }
  const leaders = leader ?? (values.leaders.length > 0 ? values.leaders : join.leaders)
  refusePlainTravel(leaders, join)
  const { logLevel, logJson } = values
  return { ...rest, name: name ?? null, leaders, join, logLevel, logJson }
}
