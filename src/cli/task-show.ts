import { Command } from 'commander'
import type { Task } from '../client/index.js'
import { connect } from './connection.js'
import { effectTable } from './effect.js'
import { type ClientFlags, withLeader } from './options.js'
import { age, percent, plain, say, sayJson, styled, table } from './print.js'
import { phaseText } from './task-list.js'

export function taskShowCommand(): Command {
  const command = new Command('show')
    .description('everything about one task')
    .argument('<id>', 'task id')
    .addHelpText('after', '\nExample:\n  agentflow task show t1a --json | jq .result')
  return withLeader(command).action(async (taskId: string, flags: ClientFlags) => {
    const client = connect(flags)
    const task = await client.task(taskId)
    if (flags.json === true) {
      sayJson(task)
      return
    }
    const effects = task.effects === null ? [] : await client.effects(taskId)
    say(taskText(task, Date.now()))
    if (effects.length > 0) say(`\n${effectTable(effects, Date.now())}`)
  })
}

export function taskText(task: Task, nowMs: number): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Task', `${task.taskId}  ${plain(task.name)}`],
    ['Phase', phaseText(task)],
    ['Project', task.project],
    [
      'Master',
      task.workerId === null ? null : `${task.workerId}${task.pid === null ? '' : `, pid ${task.pid}`}`,
    ],
    ['Attempt', `${task.attempt} of ${task.retry.attemptsMax}`],
    ['Progress', task.progress === null ? null : percent(task.progress)],
    ['Submitted', `${age(nowMs - task.createdAt)} ago`],
    ['Ran', task.startedAt === null ? null : age((task.completedAt ?? nowMs) - task.startedAt)],
    ['Command', commandText(task)],
    ['Exit', exitText(task)],
    ['Error', task.error === null ? null : styled('red', plain(task.error.message))],
    [
      'Stalled',
      task.stall === null
        ? null
        : styled('yellow', `${task.stall.kind}, for ${age(nowMs - task.stall.since)}`),
    ],
    ['Unknown', unknownText(task, nowMs)],
    ['Waits', waitText(task, nowMs)],
    ['Nearest', nearestText(task)],
    ['Value', task.result?.value == null ? null : JSON.stringify(task.result.value)],
  ]
  const lines = facts.flatMap(([name, value]) =>
    value === null ? [] : [`${styled('dim', name.padEnd(10))}${value}`],
  )
  if (task.attempts.length > 0) lines.push('', attemptTable(task))
  const tail = plain(task.result?.tail ?? '').trimEnd()
  if (tail !== '') lines.push('', styled('dim', 'Last lines'), tail)
  return lines.join('\n')
}

/** Why it is unknown, and when it is given up. */
function unknownText(task: Task, nowMs: number): string | null {
  if (task.phase !== 'unknown' || task.waitReason === null) return null
  const leftMs = (task.leaseUntil ?? 0) - nowMs
  const isGivenUp = task.onDisconnect === 'restart' && leftMs > 0
  return styled('yellow', `${plain(task.waitReason.text)}${isGivenUp ? ` That is in ${age(leftMs)}.` : ''}`)
}

/** Why it waits, and for how long where that alone ends it. */
function waitText({ status, waitReason }: Task, nowMs: number): string | null {
  if (status !== 'pending' || waitReason === null) return null
  const { code, text, until } = waitReason
  const left = until === null ? '' : ` That is in ${age(until - nowMs)}.`
  return styled('yellow', `${plain(text)}${left}  (${code})`)
}

/** The master that lacks least, and what. */
function nearestText({ status, waitReason }: Task): string | null {
  const nearest = waitReason?.nearest ?? null
  if (status !== 'pending' || nearest === null || nearest.lacks.length === 0) return null
  return `${nearest.workerId}, lacks ${nearest.lacks.join(', ')}`
}

function commandText({ payload }: Task): string | null {
  const { command } = payload
  if (typeof command === 'string') return plain(command)
  return Array.isArray(command) ? plain(command.map(quoted).join(' ')) : null
}

const quoted = (word: unknown): string => {
  const text = String(word)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function exitText({ result }: Task): string | null {
  if (result === null) return null
  return result.signal === null
    ? result.exitCode === null
      ? null
      : `code ${result.exitCode}`
    : `signal ${result.signal}`
}

const attemptTable = ({ attempts }: Task): string =>
  table(
    ['ATTEMPT', 'MASTER', 'OUTCOME', 'RAN', 'WHY'],
    attempts.map(({ attempt, workerId, outcome, startedAt, endedAt, message }) => [
      String(attempt),
      workerId,
      outcome,
      startedAt === null ? '–' : age(endedAt - startedAt),
      plain(message ?? ''),
    ]),
  )
