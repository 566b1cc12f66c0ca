import { Command } from 'commander'
import type { Client, Trigger } from '../client/index.js'
import { connect } from './connection.js'
import { type ClientFlags, withLeader } from './options.js'
import { note, plain, say, sayJson, styled, table } from './print.js'
import { timeText } from './time-text.js'
import { triggerCreateCommand } from './trigger-create.js'

interface PlanFlags extends ClientFlags {
  readonly project?: string
}

export function triggerCommand(): Command {
  const group = new Command('trigger').description('run tasks when something happens')
  group.enablePositionalOptions()
  const commands = [
    triggerCreateCommand(),
    listCommand(),
    showCommand(),
    testCommand(),
    actCommand('pause', 'let it look at nothing', (client, ref, options) =>
      client.pauseTrigger(ref, options),
    ).alias('disable'),
    actCommand('resume', 'let it look at what happens from now on', (client, ref, options) =>
      client.resumeTrigger(ref, options),
    ).alias('enable'),
    deleteCommand(),
  ]
  for (const command of commands) group.addCommand(command)
  return group
}

const aboutOne = (name: string, description: string, example = 'on-failure'): Command =>
  withLeader(
    new Command(name)
      .description(description)
      .argument('<trigger>', 'its id, or its name')
      .option('--project <project>', 'its project (default: default)')
      .addHelpText('after', `\nExample:\n  agentflow trigger ${name} ${example}`),
  )

function listCommand(): Command {
  const command = new Command('list')
    .description('every trigger, and when it made a task last')
    .option('--project <project>', 'only of this project')
    .addHelpText('after', "\nExample:\n  agentflow trigger list --json | jq -r '.triggers[].name'")
  return withLeader(command).action(async (flags: PlanFlags) => {
    const triggers = await connect(flags).triggers({ project: flags.project })
    if (flags.json === true) sayJson({ triggers })
    else if (triggers.length === 0)
      note('No trigger yet. Make one: agentflow trigger create --event task_finished -- ./after.sh')
    else say(triggerTable(triggers))
  })
}

function triggerTable(triggers: readonly Trigger[]): string {
  const rows = triggers.map((trigger) => [
    trigger.triggerId,
    trigger.name,
    trigger.on,
    trigger.condition === '' ? 'always' : plain(trigger.condition),
    stateText(trigger),
    String(trigger.firedCount),
    trigger.lastFiredAtMs === null ? '–' : timeText(trigger.lastFiredAtMs, 'UTC'),
    trigger.lastTaskId ?? '–',
    trigger.project,
    plain(trigger.lastError?.message ?? ''),
  ])
  return table(
    ['TRIGGER', 'NAME', 'ON', 'IF', 'STATE', 'TASKS', 'LAST', 'LAST TASK', 'PROJECT', 'LAST ERROR'],
    rows,
  )
}

const stateText = ({ paused }: Trigger): string => (paused ? styled('yellow', 'paused') : 'on')

function showCommand(): Command {
  return aboutOne('show', 'everything about one trigger, as JSON').action(
    async (ref: string, flags: PlanFlags) =>
      sayJson(await connect(flags).trigger(ref, { project: flags.project })),
  )
}

function testCommand(): Command {
  return aboutOne('test', 'would its condition hold? Fires nothing', 'on-failure t8k')
    .argument('<id>', 'of a task, an alert or a master, as it is now')
    .action(async (ref: string, id: string, flags: PlanFlags) => {
      const client = connect(flags)
      const { on, condition } = await client.trigger(ref, { project: flags.project })
      const verdict = await client.testTrigger({ on, condition, id })
      if (flags.json === true) sayJson(verdict)
      else if (verdict.error !== null) say(`cannot be told: ${plain(verdict.error)}`)
      else say(verdict.holds ? 'it holds' : 'it does not hold')
    })
}

function actCommand(
  name: string,
  description: string,
  act: (client: Client, ref: string, options: { readonly project?: string | undefined }) => Promise<Trigger>,
): Command {
  return aboutOne(name, description).action(async (ref: string, flags: PlanFlags) => {
    const trigger = await act(connect(flags), ref, { project: flags.project })
    if (flags.json === true) sayJson(trigger)
    else say(`${trigger.name}: ${stateText(trigger)}`)
  })
}

function deleteCommand(): Command {
  return aboutOne('delete', 'end a trigger; its tasks stay').action(async (ref: string, flags: PlanFlags) => {
    await connect(flags).deleteTrigger(ref, { project: flags.project })
    if (flags.json === true) sayJson({ deleted: ref })
  })
}
