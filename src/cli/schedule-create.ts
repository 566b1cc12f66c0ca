import { Command, Option } from 'commander'
import type { Client, Schedule, ScheduleBody } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { connect } from './connection.js'
import { type ClientFlags, withLeader } from './options.js'
import { collectParameter, type ParameterTexts } from './parameters.js'
import { readPlanFile } from './plan-file.js'
import { planNameFrom, plannedTask } from './planned-task.js'
import { note, say, sayJson } from './print.js'
import { type BodyFlags, withBody } from './task-body.js'
import { timeText } from './time-text.js'

interface CreateFlags extends ClientFlags, BodyFlags {
  readonly every?: string
  readonly zone?: string
  readonly catchUp?: 'none' | 'one' | 'all'
  readonly overlap?: 'allow' | 'skip'
  readonly template?: string
  readonly param?: ParameterTexts
  readonly file?: string
}

const examples = `
Examples:
  agentflow schedule create --name nightly --every '0 3 * * *' --zone Europe/Berlin -- ./nightly.sh
  agentflow schedule create --name ping --every '*/10 * * * * *' --overlap skip -- ./ping.sh
  agentflow schedule create --name report --every '0 8 * * 1' --template report --param team=web
  agentflow schedule create -f nightly.yaml

--every takes five fields (minute hour day month weekday), or six with seconds first. Prints the schedule's id.`

export function scheduleCreateCommand(): Command {
  const command = new Command('create')
    .description('run a program, or a template, again and again')
    .argument('[argv...]', 'the program and its arguments; everything after -- is theirs')
  withBody(command)
    .option('--every <cron>', 'its times')
    .option('--zone <zone>', 'their time zone, an IANA name (default: UTC)')
    .addOption(
      new Option('--catch-up <how>', 'what becomes of times when no leader was there').choices([
        'none',
        'one',
        'all',
      ]),
    )
    .addOption(
      new Option('--overlap <how>', 'skip: not while the task of the time before is not over').choices([
        'allow',
        'skip',
      ]),
    )
    .option('--template <name>', 'run a task made from this template')
    .option('--param <name=value>', 'parameter of the template, several times', collectParameter)
    .option('-f, --file <file>', 'all of it from a YAML or JSON file, - = standard input')
    .passThroughOptions()
    .addHelpText('after', examples)
  return withLeader(command).action(async (argv: string[], flags: CreateFlags) => {
    sayCreated(await createSchedule(connect(flags), argv, flags), flags)
  })
}

/** With `-f` what the file holds, else what argv and flags ask for. */
export async function createSchedule(
  client: Client,
  argv: readonly string[],
  flags: CreateFlags,
): Promise<Schedule> {
  if (flags.file !== undefined) return client.createSchedule((await readPlanFile(flags.file)) as ScheduleBody)
  const { every, zone, catchUp, overlap, project } = flags
  if (every === undefined)
    throw new ControlError(
      'invalid_configuration',
      "Give its times: --every '0 3 * * *', or a file: -f FILE.",
    )
  const task = await plannedTask(client, argv, flags)
  return client.createSchedule({
    name: flags.name ?? planNameFrom(flags.template ?? argv.join(' '), 'schedule'),
    cron: every,
    task,
    ...(project === undefined ? {} : { project }),
    ...(zone === undefined ? {} : { timeZone: zone }),
    ...(catchUp === undefined ? {} : { catchUp }),
    ...(overlap === undefined ? {} : { overlap }),
  })
}

export function sayCreated(schedule: Schedule, flags: ClientFlags): void {
  if (flags.json === true) {
    sayJson(schedule)
    return
  }
  say(schedule.scheduleId)
  if (schedule.nextAtMs !== null)
    note(`${schedule.name} runs next at ${timeText(schedule.nextAtMs, schedule.timeZone)}.`)
}
