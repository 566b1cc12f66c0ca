import { type Command, Option } from 'commander'
import {
  type ActsRequest,
  type Client,
  ControlError,
  type TaskFilterWords,
  type WorkAction,
} from '../client/index.js'
import { waitCodes } from '../contract/wait-codes.js'
import { confirm, isAskable } from './confirm.js'
import { exitCodes } from './exit-codes.js'
import { followWork } from './follow-work.js'
import { type ClientFlags, duration } from './options.js'
import { note, say, sayJson } from './print.js'
import { ProgressLine } from './progress-line.js'
import { workText } from './work-text.js'

export interface BulkFlags extends ClientFlags {
  readonly status?: TaskFilterWords['status']
  readonly phase?: TaskFilterWords['phase']
  readonly project?: string
  readonly worker?: string
  readonly tag?: string
  readonly text?: string
  readonly reason?: TaskFilterWords['reason']
  readonly olderThan?: number
  readonly newerThan?: number
  readonly dryRun?: true
  readonly yes?: true
  readonly wait?: true
}

const statuses = ['pending', 'running', 'completed', 'failed', 'cancelled']

/** Instead of an id: which tasks an act is about. */
export const withFilter = (command: Command): Command =>
  command
    .addOption(new Option('--status <status>', 'all tasks of this status').choices(statuses))
    .option('--phase <phase>', 'all tasks in this phase: queued, delayed, paused, …')
    .option('--project <project>', 'all tasks of this project')
    .option('--worker <id>', 'all tasks of this master')
    .option('--tag <tag>', 'all tasks with this tag')
    .option('--text <text>', 'all tasks with this in their name or id')
    .addOption(new Option('--reason <code>', 'all tasks that wait for this reason').choices(waitCodes))
    .option('--older-than <dur>', 'all tasks submitted longer ago', duration)
    .option('--newer-than <dur>', 'all tasks submitted since', duration)
    .option('--dry-run', 'count them and do nothing')
    .option('--yes', 'do not ask')

/** null when no flag names any. */
export function filterOf(flags: BulkFlags, nowMs: number): TaskFilterWords | null {
  const filter = {
    status: flags.status,
    phase: flags.phase,
    project: flags.project,
    workerId: flags.worker,
    tag: flags.tag,
    text: flags.text,
    reason: flags.reason,
    createdBefore: flags.olderThan === undefined ? undefined : nowMs - flags.olderThan,
    createdAfter: flags.newerThan === undefined ? undefined : nowMs - flags.newerThan,
  }
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  return given.length === 0 ? null : (Object.fromEntries(given) as TaskFilterWords)
}

/** On a terminal it counts and asks first; then it acts, and waits for the end. */
export async function actOnMany(
  client: Client,
  action: WorkAction,
  filter: TaskFilterWords,
  flags: BulkFlags,
): Promise<void> {
  const json = flags.json === true
  const follow = async (acts: ActsRequest) => {
    const { workId } = await client.act(acts)
    const line = new ProgressLine()
    const onProgress = (work: { seen: number; total: number }): void =>
      line.show(work.seen, work.total, 'tasks looked at')
    try {
      return await followWork(client, workId, json ? {} : { onProgress })
    } finally {
      line.clear()
    }
  }
  const asks = flags.yes !== true && !json && isAskable()
  if (flags.dryRun === true || asks) {
    const counted = await follow({ action, filter, dryRun: true })
    if (flags.dryRun === true) {
      if (json) sayJson(counted)
      else say(workText(counted))
      return
    }
    if (counted.done === 0) {
      say(workText(counted))
      return
    }
    if (!(await confirm(`${action[0]?.toUpperCase()}${action.slice(1)} ${counted.done} tasks?`))) {
      note('Nothing was done.')
      process.exitCode = exitCodes.cancelled
      return
    }
  }
  const work = await follow({ action, filter })
  if (json) sayJson(work)
  else say(workText(work))
  if (work.state !== 'done') process.exitCode = exitCodes.refused
}

export const needsIdOrFilter = (): ControlError =>
  new ControlError(
    'invalid_configuration',
    'Give a task id, or say which tasks: --status, --project, --tag, …',
  )
