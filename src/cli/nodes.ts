import { Command } from 'commander'
import type { Worker } from '../client/index.js'
import { sizeText } from '../contract/size.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { type ClientFlags, withLeader } from './options.js'
import { note, percent, say, sayJson, styled, table } from './print.js'

export function nodesCommand(): Command {
  const command = new Command('nodes')
    .description('the masters and how they are')
    .addHelpText(
      'after',
      '\nExample:\n  agentflow nodes --json | jq -r \'.workers[] | "\\(.workerId) \\(.status)"\'',
    )
  command.addCommand(restartCommand())
  return withLeader(command).action(async (flags: ClientFlags) => {
    const workers = await connect(flags).workers()
    if (flags.json === true) sayJson({ workers })
    else if (workers.length === 0) note('No master has joined yet. Start one: agentflow master')
    else say(nodeTable(workers))
  })
}

function restartCommand(): Command {
  const command = new Command('restart')
    .description('restart a master; its tasks go on')
    .argument('<master>', 'id of the master')
    .option('--wait', 'until it is back')
    .addHelpText('after', '\nExample:\n  agentflow nodes restart master-1 --wait')
  return withLeader(command).action(async (id: string, _: unknown, self: Command) => {
    const flags: ClientFlags & { readonly wait?: true } = self.optsWithGlobals()
    const waitMs = flags.wait === true ? limits.waitMsMax : 0
    const receipt = await connect(flags).restartWorker(id, { waitMs })
    if (receipt.state === 'refused') process.exitCode = exitCodes.refused
    if (flags.json === true) sayJson(receipt)
    else if (receipt.state === 'refused') note(receipt.steps.at(-1)?.detail ?? 'It was refused.')
    else say(receipt.state === 'done' ? `Master ${id} was restarted.` : `Master ${id} is asked to restart.`)
  })
}

export function nodeTable(workers: readonly Worker[]): string {
  const rows = workers.map((worker) => [
    worker.workerId,
    statusOf(worker),
    `${worker.busyAgents}/${worker.maxAgents}`,
    workOf(worker),
    percent(worker.metrics?.cpu),
    percent(worker.metrics?.memory),
    percent(worker.metrics?.disk),
    worker.rttMs === null
      ? '–'
      : `${worker.rttMs < 10 ? worker.rttMs.toFixed(1) : Math.round(worker.rttMs)} ms`,
    `${worker.os} ${worker.arch}, ${worker.cpus} CPU, ${sizeText(worker.memoryBytes)}`,
  ])
  return table(['MASTER', 'STATUS', 'BUSY', 'RUNS', 'CPU', 'MEMORY', 'DISK', 'PING', 'MACHINE'], rows)
}

/** A master that was taken out is named so: `draining`, then `drained`. */
function statusOf({ status, hold, schedulable }: Worker): string {
  if (schedulable) return status
  if (hold === null) return styled('yellow', status)
  const isWell = status === 'online' || status === 'draining'
  return styled('yellow', isWell ? hold.kind : `${status}, ${hold.kind}`)
}

const workLengthMax = 30

/** A master runs programs; a worker has functions, named by their task types. */
function workOf({ agents, projectTypes }: Worker): string {
  if (!agents.some(({ kind }) => kind === 'function')) return 'programs'
  const names = projectTypes.join(', ')
  return names.length <= workLengthMax ? names : `${names.slice(0, workLengthMax - 1)}…`
}
