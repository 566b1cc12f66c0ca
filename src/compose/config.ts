import { z } from 'zod'
import { ControlError } from '../core/errors.js'
import { type ClientConfig, clientConfig } from './client-config.js'
import { readJsonFile } from './data-dir.js'
import { type LeaderConfig, leaderConfig } from './leader-config.js'
import { type ListedSetting, listSettings, type SettingRole } from './list-settings.js'
import { type MasterConfig, masterConfig } from './master-config.js'
import { dataDirOf } from './node-settings.js'
import type { Layers } from './settings.js'
import { type SubmitterConfig, type SubmitterSettings, submitterConfig } from './submitter-config.js'
import { type UpConfig, upConfig } from './up-config.js'
import type { WardenConfig } from './warden.js'
import { wardenConfig } from './warden-config.js'
import { type WorkerConfig, type WorkerSettings, workerConfig } from './worker-config.js'

type Flags = Readonly<Record<string, unknown>>

/**
 * The one reader of the process's environment. Each value: flag > environment > file (--config FILE or
 * AGENTFLOW_CONFIG, JSON with the settings' names) > default. Refusals are `invalid_configuration`, one sentence.
 */
export const loadLeaderConfig = (flags: Flags): LeaderConfig => leaderConfig(layersOf(flags))
export const loadMasterConfig = (flags: Flags): MasterConfig => masterConfig(layersOf(flags))
export const loadClientConfig = (flags: Flags): ClientConfig => clientConfig(layersOf(flags))
export const loadWardenConfig = (flags: Flags): WardenConfig => wardenConfig(layersOf(flags))
export const loadUpConfig = (flags: Flags): UpConfig => upConfig(layersOf(flags))
/** A worker is part of another program, so it has no flags and no configuration file: what it is given > environment. */
export const loadWorkerConfig = (given: WorkerSettings): WorkerConfig => workerConfig(given, process.env)
/** Every setting of these programs, with its value and source. */
export const loadSettings = (roles: readonly SettingRole[], flags: Flags): readonly ListedSetting[] =>
  listSettings(roles, layersOf(flags))
export const loadSubmitterConfig = (given: SubmitterSettings): SubmitterConfig =>
  submitterConfig(given, process.env)
export const loadDataDir = (flags: Flags): string => dataDirOf(layersOf(flags))

/** What the environment of a running task says of it. */
export interface TaskEnvironment {
  /** Path of the master's socket for this task. */
  readonly socket: string
  readonly fence: number
}

/** null outside of a task. */
export function taskEnvironment(): TaskEnvironment | null {
  const socket = process.env.AGENTFLOW_SOCKET
  const fence = Number(process.env.AGENTFLOW_FENCE)
  return socket === undefined || socket === '' || !Number.isSafeInteger(fence) || fence < 1
    ? null
    : { socket, fence }
}

/** Environment for a child process of ours: this one's, with changes. */
export const childEnvironment = (changes: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...changes,
})

/** True when colours are wanted on this stream (https://no-color.org). */
export const wantsColour = (stream: { readonly isTTY?: boolean }): boolean =>
  stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb'

function layersOf(flags: Flags): Layers {
  const path = typeof flags.config === 'string' ? flags.config : process.env.AGENTFLOW_CONFIG
  if (path === undefined || path === '') return { flags, environment: process.env, file: null }
  const values = readJsonFile(path, z.record(z.string(), z.unknown()), 'configuration file')
  if (values === null) {
    throw new ControlError('invalid_configuration', `There is no configuration file at ${path}.`)
  }
  return { flags, environment: process.env, file: { path, values } }
}
