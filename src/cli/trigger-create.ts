import { Command, Option } from 'commander'
import type { Client, Trigger, TriggerBody } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { collectParameter, type ParameterTexts } from './parameters.js'
import { readPlanFile } from './plan-file.js'
import { planNameFrom, plannedTask } from './planned-task.js'
import { say, sayJson } from './print.js'
import { type BodyFlags, withBody } from './task-body.js'

interface CreateFlags extends ClientFlags, BodyFlags {
  readonly event?: Trigger['on']
  readonly if?: string
  readonly maxPerMinute?: number
  readonly template?: string
  readonly param?: ParameterTexts
  readonly file?: string
}

const examples = `
Examples:
  agentflow trigger create --event task_finished --if "task.status == 'failed'" -- ./report.sh '\${task.taskId}'
  agentflow trigger create --event node_joined --if "node.joined == 'new'" -- ./welcome.sh '\${node.workerId}'
  agentflow trigger create --event alert_raised --template page --param 'text=\${alert.message}'
  agentflow trigger create -f on-failure.yaml

--if takes a CEL expression over event and one of task, alert and node; without it each event fires. \${task.taskId} and
its like stand for what happened. Prints the trigger's id.`

export function triggerCreateCommand(): Command {
  const command = new Command('create')
    .description('run a program, or a template, when something happens')
    .argument('[argv...]', 'the program and its arguments; everything after -- is theirs')
  withBody(command)
    .addOption(
      new Option('--event <what>', 'the end of a task, an alert, a master that joins').choices([
        'task_finished',
        'alert_raised',
        'node_joined',
      ]),
    )
    .option('--if <condition>', 'only when this holds (default: always)')
    .option(
      '--max-per-minute <n>',
      `make no more tasks within a minute (default: ${limits.triggerFiresPerMinuteMax})`,
      wholeNumber(1, limits.triggerFiresPerMinuteMax),
    )
    .option('--template <name>', 'run a task made from this template')
    .option('--param <name=value>', 'parameter of the template, several times', collectParameter)
    .option('-f, --file <file>', 'all of it from a YAML or JSON file, - = standard input')
    .passThroughOptions()
    .addHelpText('after', examples)
  return withLeader(command).action(async (argv: string[], flags: CreateFlags) => {
    const trigger = await createTrigger(connect(flags), argv, flags)
    if (flags.json === true) sayJson(trigger)
    else say(trigger.triggerId)
  })
}

/** With `-f` what the file holds, else what argv and flags ask for. */
async function createTrigger(client: Client, argv: readonly string[], flags: CreateFlags): Promise<Trigger> {
  if (flags.file !== undefined) return client.createTrigger((await readPlanFile(flags.file)) as TriggerBody)
  const { event, if: condition, maxPerMinute, project } = flags
  if (event === undefined)
    throw new ControlError(
      'invalid_configuration',
      'Say what it waits for: --event task_finished, alert_raised or node_joined, or a file: -f FILE.',
    )
  return client.createTrigger({
    name: flags.name ?? planNameFrom(flags.template ?? argv.join(' '), 'trigger'),
    on: event,
    task: await plannedTask(client, argv, flags),
    ...(project === undefined ? {} : { project }),
    ...(condition === undefined ? {} : { condition }),
    ...(maxPerMinute === undefined ? {} : { maxPerMinute }),
  })
}
