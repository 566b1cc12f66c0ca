import { Command } from 'commander'
import type { Alert } from '../client/index.js'
import { alertRuleCommand, alertRulesCommand } from './alert-rules.js'
import { alertSheet, alertTable } from './alert-text.js'
import { connect } from './connection.js'
import { type ClientFlags, duration, withLeader } from './options.js'
import { note, say, sayJson } from './print.js'

export function alertCommand(): Command {
  const group = new Command('alert').description('what needs a human, and who is on it')
  group.enablePositionalOptions()
  const commands = [
    listCommand(),
    showCommand(),
    ackCommand(),
    shelveCommand(),
    unshelveCommand(),
    alertRulesCommand(),
    alertRuleCommand(),
  ]
  for (const command of commands) group.addCommand(command)
  return group
}

interface ListFlags extends ClientFlags {
  readonly all?: true
}

function listCommand(): Command {
  const command = new Command('list')
    .description('alerts that are not over, the most urgent first')
    .option('--all', 'those that are over too')
    .addHelpText('after', "\nExample:\n  agentflow alert list --json | jq -r '.alerts[].message'")
  return withLeader(command).action(async (flags: ListFlags) => {
    const known = await connect(flags).alerts()
    const alerts = [...known]
      .filter(({ state }) => flags.all === true || state !== 'cleared')
      .sort((a, b) => order(a) - order(b) || a.raisedAt - b.raisedAt)
    if (flags.json === true) sayJson({ alerts })
    else if (alerts.length === 0) note('Nothing needs you.')
    else say(alertTable(alerts, Date.now()))
  })
}

const places = { raised: 0, acked: 1, shelved: 2, cleared: 3 } as const satisfies Record<
  Alert['state'],
  number
>
const order = ({ state, priority }: Alert): number => places[state] * 10 + priority

const aboutOne = (name: string, description: string, example: string): Command =>
  withLeader(
    new Command(name)
      .description(description)
      .argument('<alert>', 'its id')
      .addHelpText('after', `\nExample:\n  agentflow alert ${name} ${example}`),
  )

function showCommand(): Command {
  return aboutOne('show', 'one alert, with its evidence', 'a4k').action(
    async (id: string, flags: ClientFlags) => {
      const alert = await connect(flags).alert(id)
      if (flags.json === true) sayJson(alert)
      else say(alertSheet(alert, Date.now()))
    },
  )
}

interface TermFlags extends ClientFlags {
  readonly reason?: string
  readonly for?: number
}

function ackCommand(): Command {
  return aboutOne('ack', 'acknowledge: somebody is on it', 'a4k --reason "looking into it"')
    .option('--reason <text>', 'what is being done')
    .option('--for <dur>', 'it returns after this time unless its cause is gone', duration)
    .action(async (id: string, flags: TermFlags) => {
      const alert = await connect(flags).ackAlert(id, {
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
        ...(flags.for === undefined ? {} : { untilMs: Date.now() + flags.for }),
      })
      if (flags.json === true) sayJson(alert)
      else say(`Alert ${id} is acknowledged by ${alert.handling?.by}.`)
    })
}

function shelveCommand(): Command {
  return aboutOne('shelve', 'put aside for a reason, for a time', 'a4k --for 2h --reason "planned work"')
    .requiredOption('--reason <text>', 'why nobody needs to look until then')
    .requiredOption('--for <dur>', 'it returns after this time, at most 168h', duration)
    .action(async (id: string, flags: Required<Pick<TermFlags, 'reason' | 'for'>> & ClientFlags) => {
      const { reason } = flags
      const alert = await connect(flags).shelveAlert(id, { reason, untilMs: Date.now() + flags.for })
      if (flags.json === true) sayJson(alert)
      else
        say(
          `Alert ${id} is shelved; it returns then unless its cause is gone. Earlier: agentflow alert unshelve ${id}`,
        )
    })
}

function unshelveCommand(): Command {
  return aboutOne('unshelve', 'take back what was shelved or acknowledged', 'a4k').action(
    async (id: string, flags: ClientFlags) => {
      const alert = await connect(flags).unshelveAlert(id)
      if (flags.json === true) sayJson(alert)
      else say(`Alert ${id} is ${alert.state}.`)
    },
  )
}
