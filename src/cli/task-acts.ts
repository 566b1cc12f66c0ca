import { Command } from 'commander'
import { type Client, isFinalReceipt, type Receipt, type TaskAction } from '../client/index.js'
import { limits } from '../core/limits.js'
import { actOnMany, type BulkFlags, filterOf, needsIdOrFilter, withFilter } from './bulk-acts.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { withLeader } from './options.js'
import { note, say, sayJson } from './print.js'

const acts: readonly { readonly action: TaskAction; readonly description: string; readonly done: string }[] =
  [
    { action: 'pause', description: 'stop every process of a task where it stands', done: 'paused' },
    { action: 'resume', description: 'let a paused task go on', done: 'running again' },
    { action: 'cancel', description: 'end a task: TERM, then KILL to its whole tree', done: 'cancelled' },
    {
      action: 'retry',
      description: 'run a finished task once more, or a delayed one now',
      done: 'queued again',
    },
  ]

export function taskActCommands(): readonly Command[] {
  return acts.map(({ action, description, done }) => {
    const command = new Command(action)
      .description(description)
      .argument('[id]', 'task id; without it, all tasks that the flags name')
      .option('--wait', 'wait until it is done or refused')
      .addHelpText('after', examplesOf(action))
    return withLeader(withFilter(command)).action(async (taskId: string | undefined, flags: BulkFlags) => {
      const client = connect(flags)
      const filter = filterOf(flags, Date.now())
      if ((taskId === undefined) === (filter === null)) throw needsIdOrFilter()
      if (taskId === undefined || filter !== null) {
        await actOnMany(client, action, filter ?? {}, flags)
        return
      }
      const first = await client.control(
        taskId,
        action,
        flags.wait === true ? { waitMs: limits.waitMsMax } : {},
      )
      if (first === null) {
        if (flags.json === true) sayJson(await client.task(taskId))
        else note(`Task ${taskId} is over already.`)
        return
      }
      const receipt = flags.wait === true ? await finalOf(client, first) : first
      if (flags.json === true) sayJson(receipt)
      else say(receiptText(receipt, done))
      if (receipt.state === 'refused' || receipt.state === 'expired') process.exitCode = exitCodes.refused
    })
  })
}

const examplesOf = (action: TaskAction): string => `
Examples:
  agentflow task ${action} t1a --wait
  agentflow task ${action} --project nightly --status ${action === 'retry' ? 'failed' : action === 'cancel' ? 'pending' : 'running'} --dry-run`

/** Each call waits at the leader until something is final or limits.waitMsMax passed. */
async function finalOf(client: Client, first: Receipt): Promise<Receipt> {
  let receipt = first
  while (!isFinalReceipt(receipt)) {
    receipt = await client.receipt(receipt.commandId, { waitMs: limits.waitMsMax })
  }
  return receipt
}

function receiptText(receipt: Receipt, done: string): string {
  const detail = receipt.steps.at(-1)?.detail ?? ''
  const why = detail === '' ? '' : `: ${detail}`
  switch (receipt.state) {
    case 'done':
    case 'stopped':
      return `Task ${receipt.taskId} is ${done}${why}.`
    case 'killed':
      return `Task ${receipt.taskId} had to be killed${why}.`
    case 'refused':
      return `Refused${why}.`
    case 'expired':
      return `Not done in time${why}.`
    case 'sent':
    case 'received':
    case 'acting':
      return `Asked for (${receipt.commandId}, ${receipt.state}). Wait for it next time with --wait.`
  }
}
