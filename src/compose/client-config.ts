import { z } from 'zod'
import { ControlError } from '../core/errors.js'
import { clientFileSchema, dataPaths, readJsonFile } from './data-dir.js'
import { dataDirOf } from './node-settings.js'
import { type Layers, resolveSettings, setting } from './settings.js'

/** How the command line reaches the leader. */
export interface ClientConfig {
  readonly url: string
  readonly token: string
  /** Authority that signed the leader's certificate; null = the system's. */
  readonly caPem: string | null
}

export const clientSettings = {
  url: setting<string | null>(
    'url',
    'AGENTFLOW_URL',
    z
      .string()
      .regex(/^https?:\/\/[^\s/]+\/?$/, "give the leader's address, for example http://127.0.0.1:8100"),
    null,
  ),
  token: setting<string | null>('token', 'AGENTFLOW_TOKEN', z.string().min(1), null),
}

/** AGENTFLOW_URL and AGENTFLOW_TOKEN, else cli.json of the data directory. */
export function clientConfig(layers: Layers): ClientConfig {
  const { values } = resolveSettings(clientSettings, { ...layers, file: null })
  const path = dataPaths(dataDirOf(layers)).clientFile
  const file =
    values.url !== null && values.token !== null ? null : readJsonFile(path, clientFileSchema, 'file')
  const url = values.url ?? file?.url
  if (url === undefined) {
    throw new ControlError(
      'invalid_configuration',
      `No leader is known: ${path} does not exist; start one with "agentflow up", or set AGENTFLOW_URL and AGENTFLOW_TOKEN.`,
    )
  }
  const token = values.token ?? file?.token
  if (token === undefined) {
    throw new ControlError(
      'invalid_configuration',
      `AGENTFLOW_URL is set but no token is known; set AGENTFLOW_TOKEN as well.`,
    )
  }
  return { url: url.replace(/\/$/, ''), token, caPem: file?.caPem ?? null }
}
