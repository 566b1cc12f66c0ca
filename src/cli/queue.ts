import { Command } from 'commander'
import type { Queue } from '../client/index.js'
import { connect } from './connection.js'
import { type ClientFlags, withLeader } from './options.js'
import { age, note, plain, say, sayJson, styled, table } from './print.js'

export function queueCommand(): Command {
  const command = new Command('queue')
    .description('what waits and why, and which task goes next')
    .addHelpText(
      'after',
      "\nExamples:\n  agentflow queue\n  agentflow queue --json | jq '.reasons'\n  agentflow task show t1a   why this one waits",
    )
  return withLeader(command).action(async (flags: ClientFlags) => {
    const queue = await connect(flags).queue()
    if (flags.json === true) sayJson(queue)
    else if (queue.waiting === 0) note('Nothing waits.')
    else say(queueText(queue, Date.now()))
  })
}

export function queueText({ waiting, bands, reasons, next, masters }: Queue, nowMs: number): string {
  const { high, normal, low } = bands
  const waits = waiting === 1 ? '1 task waits' : `${waiting} tasks wait`
  const parts = [
    `${waits}: ${high} high, ${normal} normal, ${low} low.`,
    table(
      ['TASKS', 'WHY', 'FOR EXAMPLE'],
      reasons.map(({ code, tasks, text }) => [String(tasks), code, plain(text)]),
    ),
    table(
      ['NEXT', 'PRIORITY', 'WAITED', 'WHY', 'NAME'],
      next.map((task) => [
        task.taskId,
        String(task.priority),
        age(nowMs - task.createdAt),
        task.waitReason?.code ?? '–',
        plain(task.name),
      ]),
    ),
    table(
      ['MASTER', 'STATUS', 'BUSY', 'NAMED BY'],
      masters.map(({ workerId, status, schedulable, busyAgents, maxAgents, waiting: named }) => [
        workerId,
        schedulable ? status : styled('yellow', status === 'online' ? 'cordoned' : status),
        `${busyAgents}/${maxAgents}`,
        named === 0 ? '–' : String(named),
      ]),
    ),
  ]
  return parts.join('\n\n')
}
