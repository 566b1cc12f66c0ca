import { Command, Option } from 'commander'
import type { Task, TaskPhase, TaskStatus } from '../client/index.js'
import { taskPhases } from '../contract/task.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { age, note, percent, plain, say, sayJson, styled, table } from './print.js'

interface ListFlags extends ClientFlags {
  readonly status?: TaskStatus
  readonly phase?: TaskPhase
  readonly tag?: string
  readonly worker?: string
  readonly project?: string
  readonly limit?: number
  readonly cursor?: string
}

const statuses: readonly TaskStatus[] = ['pending', 'running', 'completed', 'failed', 'cancelled']
const examples = `
Examples:
  agentflow task list --status failed
  agentflow task list --phase dead_letter --tag nightly
  agentflow task list --worker master-1 --limit 500
  agentflow task list --json | jq -r '.tasks[].taskId'`

export function taskListCommand(): Command {
  const command = new Command('list')
    .description('tasks, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(statuses))
    .addOption(new Option('--phase <phase>', 'only in this phase').choices(taskPhases))
    .option('--worker <id>', 'only of this master')
    .option('--project <project>', 'only of this project')
    .option('--tag <tag>', 'only with this tag')
    .option('--limit <n>', `at most so many (default: ${limits.pageDefault})`, wholeNumber(1, limits.pageMax))
    .option('--cursor <cursor>', 'go on after an earlier page')
    .addHelpText('after', examples)
  return withLeader(command).action(async (flags: ListFlags) => {
    const { worker: workerId, status, phase, project, tag, limit, cursor } = flags
    const filter = { status, phase, workerId, project, tag }
    const page = await connect(flags).tasks({ ...filter, limit, cursor })
    if (flags.json === true) {
      sayJson({ tasks: page.tasks, nextCursor: page.nextCursor })
      return
    }
    if (page.tasks.length === 0) {
      note(
        Object.values(filter).every((value) => value === undefined)
          ? 'No task yet. Run one: agentflow task run -- echo hello'
          : 'No task matches.',
      )
      return
    }
    say(taskTable(page.tasks, Date.now()))
    const shown = page.tasks.length
    if (page.nextCursor !== null) note(`${shown} of ${page.total}. Go on: --cursor ${page.nextCursor}`)
  })
}

export function taskTable(tasks: readonly Task[], nowMs: number): string {
  const rows = tasks.map((task) => [
    task.taskId,
    phaseText(task),
    task.workerId ?? '–',
    task.progress === null ? '–' : percent(task.progress),
    age(nowMs - task.createdAt),
    task.project,
    plain(task.name),
  ])
  return table(['TASK', 'PHASE', 'MASTER', 'DONE', 'AGE', 'PROJECT', 'NAME'], rows)
}

export function phaseText(task: Pick<Task, 'phase' | 'status' | 'stall'>): string {
  if (task.stall !== null) return styled('yellow', `${task.phase}, stalled`)
  if (task.status === 'failed') return styled('red', task.phase)
  return task.status === 'running' ? styled('blue', task.phase) : task.phase
}
