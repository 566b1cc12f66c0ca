import { Argument, Command, Option } from 'commander'
import { loadSettings } from '../compose/config.js'
import { type ListedSetting, type SettingRole, settingRoles, settingsOf } from '../compose/list-settings.js'
import { configHistoryCommand } from './config-history.js'
import { withJson } from './options.js'
import { say, sayJson, styled, table } from './print.js'

const examples = `
Examples:
  agentflow config
  agentflow config history
  agentflow config leader --config /etc/agentflow/leader.json
  AGENTFLOW_SLOTS=4 agentflow config master --json

Flags win over variables, variables over the file, the file over defaults. Any flag of the programs may be given, to see
what it would do.`

export function configCommand(): Command {
  const command = new Command('config')
    .description('every setting, its value, and where that comes from')
    .addArgument(new Argument('[program]', 'of this one only').choices(settingRoles))
    .option('--config <file>', 'configuration file, JSON')
    .addHelpText('after', examples)
    .enablePositionalOptions()
    .addCommand(configHistoryCommand())
  for (const option of flagsOfPrograms()) command.addOption(option.hideHelp())
  return withJson(command).action(
    (
      program: SettingRole | undefined,
      flags: Readonly<Record<string, unknown>> & { readonly json?: true },
    ) => {
      const roles = program === undefined ? settingRoles : [program]
      const settings = loadSettings(roles, namedBySetting(roles, flags))
      if (flags.json === true) sayJson({ settings })
      else say(roles.map((role) => section(role, settings)).join('\n\n'))
    },
  )
}

/** One option a flag, whichever programs have it. */
function flagsOfPrograms(): readonly Option[] {
  const options = new Map<string, Option>()
  for (const settings of Object.values(settingsOf))
    for (const { flag, fallback } of Object.values(settings))
      options.set(flag, new Option(typeof fallback === 'boolean' ? `--${flag}` : `--${flag} <value>`))
  return [...options.values()]
}

/** Flags are given by their own names, settings are known by those of the configuration file. */
function namedBySetting(
  roles: readonly SettingRole[],
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const named: Record<string, unknown> = { config: flags.config }
  for (const role of roles)
    for (const [name, { flag }] of Object.entries(settingsOf[role]))
      named[name] = flags[new Option(`--${flag}`).attributeName()]
  return named
}

function section(role: SettingRole, all: readonly ListedSetting[]): string {
  const rows = all
    .filter((setting) => setting.role === role)
    .map(({ name, flag, variable, value, source, where }) => [
      name,
      text(value),
      source === 'default' ? source : `${source} ${where}`.trim(),
      `--${flag}`,
      variable ?? '–',
    ])
  return `${styled('bold', role)}\n${table(['SETTING', 'VALUE', 'FROM', 'FLAG', 'VARIABLE'], rows)}`
}

function text(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '–'
  if (Array.isArray(value)) return value.join(',')
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value).map(([key, one]) => `${key}=${String(one)}`)
  return pairs.length === 0 ? '–' : pairs.join(',')
}
