import { resolve } from 'node:path'
import { dataDirOf, nodeIdSchema, nodeSettings } from './node-settings.js'
import { type Layers, resolveSettings, setting } from './settings.js'
import type { WardenConfig } from './warden.js'

const wardenSettings = { ...nodeSettings, id: setting('id', null, nodeIdSchema, 'master') }

/** Settles a warden's configuration: by its flags alone, which its master gives it. */
export function wardenConfig({ flags }: Layers): WardenConfig {
  const layers: Layers = { flags, environment: {}, file: null }
  const { id, logLevel, logJson } = resolveSettings(wardenSettings, layers).values
  return { dataDir: resolve(dataDirOf(layers)), name: `${id} warden`, logLevel, logJson }
}
