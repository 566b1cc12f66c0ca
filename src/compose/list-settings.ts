import { ControlError } from '../core/errors.js'
import { formatAddress } from './address.js'
import { clientSettings } from './client-config.js'
import { clientFileSchema, dataPaths, readJsonFile } from './data-dir.js'
import { leaderSettings } from './leader-config.js'
import { masterSettings } from './master-config.js'
import { dataDirOf, dataSettings } from './node-settings.js'
import { type Layers, resolveSettings, type Setting, type Source } from './settings.js'
import { upSettings } from './up-config.js'

/** Which program a setting is for. */
export const settingRoles = ['leader', 'master', 'up', 'client'] as const
export type SettingRole = (typeof settingRoles)[number]

export interface ListedSetting {
  readonly role: SettingRole
  /** Its name in a configuration file. */
  readonly name: string
  readonly flag: string
  /** null = no variable sets it. */
  readonly variable: string | null
  /** Secrets are masked; null = not set. */
  readonly value: unknown
  readonly source: Source
  /** The flag, the variable or the file that it stands in; empty for a default. */
  readonly where: string
}

type Settings = Readonly<Record<string, Setting<unknown>>>

export const settingsOf: Readonly<Record<SettingRole, Settings>> = {
  leader: { ...dataSettings, ...leaderSettings },
  master: { ...dataSettings, ...masterSettings },
  up: { ...dataSettings, ...upSettings },
  client: { ...dataSettings, ...clientSettings },
}

/** The address of a webhook is often all that guards it. */
const secrets: ReadonlySet<string> = new Set(['token', 'alertWebhook', 'alertWebhookSecret'])
const mask = '(hidden)'

/**
 * Every setting of these roles with its value and where it comes from. A value that is not valid, or a key of the file
 * that none of the roles has, is `invalid_configuration`.
 */
export function listSettings(roles: readonly SettingRole[], layers: Layers): readonly ListedSetting[] {
  refuseUnknownKeys(roles, layers.file)
  return roles.flatMap((role) => (role === 'client' ? withClientFile(layers) : listed(role, layers)))
}

function listed(role: SettingRole, layers: Layers): readonly ListedSetting[] {
  const settings = settingsOf[role]
  const file = layers.file === null ? null : { ...layers.file, values: pick(layers.file.values, settings) }
  const { values, sources } = resolveSettings(settings, { ...layers, file })
  return Object.entries(settings).map(([name, { flag, env }]) => {
    const source = sources[name] ?? 'default'
    const where = { flag: `--${flag}`, environment: env ?? '', file: file?.path ?? '', default: '' }[source]
    return { role, name, flag, variable: env, value: shown(name, values[name]), source, where }
  })
}

/** What neither a flag nor a variable says of the leader to talk to stands in cli.json. */
function withClientFile(layers: Layers): readonly ListedSetting[] {
  const path = dataPaths(dataDirOf(layers)).clientFile
  const known: Readonly<Record<string, unknown>> = readJsonFile(path, clientFileSchema, 'file') ?? {}
  return listed('client', { ...layers, file: null }).map((setting) =>
    setting.source === 'default' && known[setting.name] !== undefined
      ? { ...setting, value: shown(setting.name, known[setting.name]), source: 'file', where: path }
      : setting,
  )
}

function shown(name: string, value: unknown): unknown {
  if (secrets.has(name) && value !== null) return mask
  if (typeof value !== 'object' || value === null) return value
  if ('host' in value && 'port' in value) return formatAddress(value as { host: string; port: number })
  return 'dir' in value ? value.dir : value
}

const pick = (values: Readonly<Record<string, unknown>>, settings: Settings) =>
  Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(settings, key)))

function refuseUnknownKeys(roles: readonly SettingRole[], file: Layers['file']): void {
  const unknown = Object.keys(file?.values ?? {}).find(
    (key) => !roles.some((role) => Object.hasOwn(settingsOf[role], key)),
  )
  if (unknown === undefined) return
  throw new ControlError('invalid_configuration', `${file?.path} has the unknown key "${unknown}".`)
}
