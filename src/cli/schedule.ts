import { Command } from 'commander'
import type { Client, Schedule } from '../client/index.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { note, plain, say, sayJson, styled, table } from './print.js'
import { scheduleCreateCommand } from './schedule-create.js'
import { timeText } from './time-text.js'

interface PlanFlags extends ClientFlags {
  readonly project?: string
}

export function scheduleCommand(): Command {
  const group = new Command('schedule').description('run tasks at given times')
  group.enablePositionalOptions()
  const commands = [
    scheduleCreateCommand(),
    listCommand(),
    showCommand(),
    nextCommand(),
    runCommand(),
    actCommand('pause', 'let its times pass', (client, ref, options) => client.pauseSchedule(ref, options)),
    actCommand('resume', 'go on with the next time', (client, ref, options) =>
      client.resumeSchedule(ref, options),
    ),
    deleteCommand(),
  ]
  for (const command of commands) group.addCommand(command)
  return group
}

const withProject = (command: Command): Command =>
  withLeader(command.option('--project <project>', 'its project (default: default)'))
const aboutOne = (name: string, description: string): Command =>
  withProject(
    new Command(name)
      .description(description)
      .argument('<schedule>', 'its id, or its name')
      .addHelpText('after', `\nExample:\n  agentflow schedule ${name} nightly`),
  )

function listCommand(): Command {
  const command = new Command('list')
    .description('every schedule, and when it runs next')
    .option('--project <project>', 'only of this project')
    .addHelpText('after', "\nExample:\n  agentflow schedule list --json | jq -r '.schedules[].name'")
  return withLeader(command).action(async (flags: PlanFlags) => {
    const schedules = await connect(flags).schedules({ project: flags.project })
    if (flags.json === true) sayJson({ schedules })
    else if (schedules.length === 0)
      note("No schedule yet. Make one: agentflow schedule create --every '0 3 * * *' -- ./nightly.sh")
    else say(scheduleTable(schedules))
  })
}

function scheduleTable(schedules: readonly Schedule[]): string {
  const rows = schedules.map((schedule) => [
    schedule.scheduleId,
    schedule.name,
    schedule.cron,
    nextText(schedule),
    schedule.lastTaskId ?? '–',
    schedule.project,
    plain(schedule.lastSkip?.reason ?? ''),
  ])
  return table(['SCHEDULE', 'NAME', 'EVERY', 'NEXT', 'LAST TASK', 'PROJECT', 'LAST SKIPPED'], rows)
}

function nextText({ paused, nextAtMs, timeZone }: Schedule): string {
  if (paused) return styled('yellow', 'paused')
  return nextAtMs === null ? 'never again' : timeText(nextAtMs, timeZone)
}

function showCommand(): Command {
  return aboutOne('show', 'everything about one schedule, as JSON').action(
    async (ref: string, flags: PlanFlags) =>
      sayJson(await connect(flags).schedule(ref, { project: flags.project })),
  )
}

function nextCommand(): Command {
  return aboutOne('next', 'its next times')
    .option('--count <n>', 'so many (default: 5)', wholeNumber(1, limits.scheduleCatchUpMax))
    .action(async (ref: string, flags: PlanFlags & { readonly count?: number }) => {
      const client = connect(flags)
      const { project, count } = flags
      const slots = await client.scheduleNext(ref, { project, count })
      if (flags.json === true) {
        sayJson({ slots })
        return
      }
      const { timeZone } = await client.schedule(ref, { project })
      for (const slotMs of slots) say(timeText(slotMs, timeZone))
    })
}

function runCommand(): Command {
  return aboutOne('run', 'run its task now, beside its times').action(
    async (ref: string, flags: PlanFlags) => {
      const { task } = await connect(flags).runSchedule(ref, { project: flags.project })
      if (flags.json === true) sayJson(task)
      else say(task.taskId)
    },
  )
}

function actCommand(
  name: string,
  description: string,
  act: (client: Client, ref: string, options: { readonly project?: string | undefined }) => Promise<Schedule>,
): Command {
  return aboutOne(name, description).action(async (ref: string, flags: PlanFlags) => {
    const schedule = await act(connect(flags), ref, { project: flags.project })
    if (flags.json === true) sayJson(schedule)
    else say(`${schedule.name}: ${schedule.paused ? 'paused' : `next at ${nextText(schedule)}`}`)
  })
}

function deleteCommand(): Command {
  return aboutOne('delete', 'end a schedule; its tasks stay').action(
    async (ref: string, flags: PlanFlags) => {
      await connect(flags).deleteSchedule(ref, { project: flags.project })
      if (flags.json === true) sayJson({ deleted: ref })
    },
  )
}
