import { Command } from 'commander'
import type { Client, Task } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { actOnMany, type BulkFlags, filterOf } from './bulk-acts.js'
import { connect } from './connection.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { age, note, plain, say, sayJson, table } from './print.js'

interface ListFlags extends ClientFlags {
  readonly project?: string
  readonly limit?: number
}

const examples = `
Examples:
  agentflow deadletter list --project nightly
  agentflow deadletter requeue t1a t1b
  agentflow deadletter requeue --all --project nightly

A task whose attempts are used up by failures that its retry policy names is a dead letter. Each
attempt and how it ended: agentflow task show ID`

export function deadLetterCommand(): Command {
  const command = new Command('deadletter')
    .description('tasks that were given up, and another attempt for them')
    .addHelpText('after', examples)
  command.addCommand(listCommand(), { isDefault: true })
  command.addCommand(requeueCommand())
  return command
}

function listCommand(): Command {
  const command = new Command('list')
    .description('dead letters, newest first')
    .option('--project <project>', 'only of this project')
    .option('--limit <n>', `at most so many (default: ${limits.pageDefault})`, wholeNumber(1, limits.pageMax))
    .addHelpText('after', examples)
  return withLeader(command).action(async (flags: ListFlags) => {
    const tasks = await deadLetters(connect(flags), flags)
    if (flags.json === true) sayJson({ tasks })
    else if (tasks.length === 0) note('There are no dead letters.')
    else say(deadLetterTable(tasks, Date.now()))
  })
}

async function deadLetters(client: Client, { project, limit = limits.pageDefault }: ListFlags) {
  const { tasks } = await client.tasks({ phase: 'dead_letter', project, limit })
  return tasks
}

const deadLetterTable = (tasks: readonly Task[], nowMs: number): string =>
  table(
    ['TASK', 'ENDED', 'ATTEMPTS', 'PROJECT', 'NAME', 'WHY'],
    tasks.map((task) => [
      task.taskId,
      task.completedAt === null ? '–' : age(nowMs - task.completedAt),
      String(task.attempt),
      task.project,
      plain(task.name),
      plain(task.error?.message ?? ''),
    ]),
  )

function requeueCommand(): Command {
  const command = new Command('requeue')
    .description('open another attempt')
    .argument('[ids...]', 'task ids')
    .option('--all', 'every dead letter')
    .option('--project <project>', 'with --all: only of this project')
    .option('--tag <tag>', 'with --all: only with this tag')
    .option('--worker <id>', 'with --all: only those that ran last on this master')
    .option('--dry-run', 'with --all: count them and do nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples)
  return withLeader(command).action(
    async (ids: readonly string[], flags: BulkFlags & { readonly all?: true }) => {
      if ((flags.all === true) === ids.length > 0) {
        throw new ControlError('invalid_configuration', 'Give task ids, or --all.')
      }
      const client = connect(flags)
      if (flags.all === true) {
        await actOnMany(client, 'requeue', { ...filterOf(flags, Date.now()), phase: 'dead_letter' }, flags)
        return
      }
      const receipts = []
      for (const id of ids) receipts.push(await requeued(client, id))
      if (flags.json === true) sayJson({ receipts })
      else say(`${ids.length === 1 ? `Task ${ids[0]} is` : `${ids.length} tasks are`} queued again.`)
    },
  )
}

async function requeued(client: Client, taskId: string) {
  const { phase } = await client.task(taskId)
  if (phase !== 'dead_letter') {
    throw new ControlError(
      'wrong_phase',
      `${taskId} is ${phase}, no dead letter; see: agentflow task retry --help`,
    )
  }
  return client.control(taskId, 'retry')
}
