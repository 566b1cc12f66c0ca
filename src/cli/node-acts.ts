import { Command } from 'commander'
import type { Client, Worker } from '../client/index.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { type ClientFlags, duration, withLeader } from './options.js'
import { note, say, sayJson } from './print.js'

interface DrainFlags extends ClientFlags {
  readonly wait?: true
  readonly deadline?: number
}

export function cordonCommand(): Command {
  const command = new Command('cordon')
    .description('give a master no new work; what runs there goes on')
    .argument('<master>', 'id of the master')
    .addHelpText('after', '\nExample:\n  agentflow cordon master-1')
  return withLeader(command).action(async (id: string, flags: ClientFlags) => {
    const worker = await connect(flags).cordonWorker(id)
    if (flags.json === true) sayJson(worker)
    else say(`Master ${id} gets no new work. Give it work again: agentflow uncordon ${id}`)
  })
}

export function uncordonCommand(): Command {
  const command = new Command('uncordon')
    .description('give a master work again, after cordon or drain')
    .argument('<master>', 'id of the master')
    .addHelpText('after', '\nExample:\n  agentflow uncordon master-1')
  return withLeader(command).action(async (id: string, flags: ClientFlags) => {
    const worker = await connect(flags).uncordonWorker(id)
    if (flags.json === true) sayJson(worker)
    else if (worker.schedulable) say(`Master ${id} gets work again.`)
    else
      say(`Master ${id} is not held back any more, and gets work when it is online: it is ${worker.status}.`)
  })
}

export function drainCommand(): Command {
  const command = new Command('drain')
    .description('take a master out: no new work, and what runs there comes to its end')
    .argument('<master>', 'id of the master')
    .option('--wait', 'until nothing runs there any more')
    .option('--deadline <dur>', 'then stop what still runs, and start it again elsewhere', duration)
    .addHelpText(
      'after',
      '\nExamples:\n  agentflow drain master-1 --wait\n  agentflow drain master-1 --wait --deadline 10m',
    )
  return withLeader(command).action(async (id: string, flags: DrainFlags) => {
    const client = connect(flags)
    const receipt = await client.drainWorker(id, { deadlineMs: flags.deadline })
    const isDrained = flags.wait !== true || (await drained(client, id))
    if (!isDrained) process.exitCode = exitCodes.refused
    if (flags.json === true) {
      sayJson(flags.wait === true ? await client.receipt(receipt.commandId) : receipt)
    } else if (!isDrained) {
      note(`Master ${id} was uncordoned before it was empty.`)
    } else if (flags.wait === true || receipt.state === 'done') {
      say(
        `Master ${id} is drained: nothing runs there. It can be stopped; agentflow uncordon ${id} takes it back.`,
      )
    } else {
      say(`Master ${id} gets no new work; ${receipt.steps.at(-1)?.detail}. Wait for it with --wait.`)
    }
  })
}

/** Told by the leader, also over its restart; false when somebody uncordoned the master. Says how much is left. */
async function drained(client: Client, id: string): Promise<boolean> {
  let left = -1
  return new Promise<boolean>((resolve, reject) => {
    const end = (isDrained: boolean): void => {
      live.close()
      resolve(isDrained)
    }
    const look = ({ hold, busyAgents, status }: Worker): void => {
      if (hold?.kind !== 'draining') {
        end(hold?.kind === 'drained')
        return
      }
      if (busyAgents === left) return
      left = busyAgents
      const silent = status === 'draining' ? '' : `; it is ${status}`
      note(`${left === 1 ? '1 task runs' : `${left} tasks run`} on ${id}${silent}`)
    }
    const live = client.live({
      topics: ['nodes'],
      onMessage: (message) => {
        if (message.type === 'NODE_STATUS' && message.node.workerId === id) look(message.node)
        if (message.type !== 'SNAPSHOT' || message.topic !== 'nodes') return
        for (const item of message.items) if ('busyAgents' in item && item.workerId === id) look(item)
      },
      onState: (state) => {
        if (state.phase === 'closed' && state.error !== null) reject(state.error)
      },
    })
  })
}
