import { z } from 'zod'
import { limits } from '../core/limits.js'
import { dataDirOf, nodeSettings } from './node-settings.js'
import { type Layers, type LogLevel, resolveSettings, setting } from './settings.js'

/** What `up` needs. */
export interface UpConfig {
  readonly dataDir: string
  readonly masters: number
  /** Leader HTTP; null = the ports of the interface, 0 = all free ones. */
  readonly port: number | null
  readonly slots: number
  /** null = nobody chose one. */
  readonly logLevel: LogLevel | null
  readonly logJson: boolean
}

/** Masters on one machine: for trying out, not for more work than the machine has. */
const mastersMax = 49

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number({ error: `use a whole number from ${min} to ${max}` })
    .int(`use a whole number from ${min} to ${max}`)
    .min(min, `use ${min} or more`)
    .max(max, `use at most ${max}`)

export const upSettings = {
  ...nodeSettings,
  masters: setting('masters', 'AGENTFLOW_MASTERS', wholeNumber(0, mastersMax), 2),
  port: setting<number | null>('port', 'AGENTFLOW_PORT', wholeNumber(0, 65_000), null),
  slots: setting('slots', 'AGENTFLOW_SLOTS', wholeNumber(1, limits.slotsMax), limits.slotsDefault),
}

export function upConfig(layers: Layers): UpConfig {
  const { values, sources } = resolveSettings(upSettings, layers)
  return {
    ...values,
    dataDir: dataDirOf(layers),
    logLevel: sources.logLevel === 'default' ? null : values.logLevel,
  }
}

/** Ports from one number: N the leader, N + 1 … the masters, N + 50 gRPC; 0 = a free one each. */
export const portsOf = (port: number | null) => ({
  http: port ?? 8100,
  grpc: port === 0 ? 0 : (port ?? 8100) + 50,
  master: (index: number): number => (port === 0 ? 0 : (port ?? 8100) + 1 + index),
})
