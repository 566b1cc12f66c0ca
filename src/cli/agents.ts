import { Command, Option } from 'commander'
import type { Agent } from '../client/index.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { note, say, sayJson, table } from './print.js'

export function agentsCommand(): Command {
  return new Command('agents')
    .description('the agents of masters: list, create and delete them')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(deleteCommand())
    .addHelpText(
      'after',
      '\nExamples:\n  agentflow agents list --on master-1\n  agentflow agents create --on master-1 --count 4\n  agentflow agents delete master-1/p14',
    )
}

function listCommand(): Command {
  const command = new Command('list')
    .description('the agents and what they do')
    .option('--on <master>', 'of this master only')
    .addOption(
      new Option('--status <status>', 'in this status only').choices(['idle', 'busy', 'error', 'offline']),
    )
  return withLeader(command).action(
    async (flags: ClientFlags & { readonly on?: string; readonly status?: Agent['status'] }) => {
      const agents = await connect(flags).agents({ workerId: flags.on, status: flags.status })
      if (flags.json === true) sayJson({ agents })
      else if (agents.length === 0) note('There is no such agent.')
      else say(agentTable(agents))
    },
  )
}

interface CreateFlags extends ClientFlags {
  readonly on?: string
  readonly count: number
  readonly account?: number
}

function createCommand(): Command {
  const command = new Command('create')
    .description('give a master more agents: each runs one task at a time')
    .option('--on <master>', 'on this master (default: the emptiest)')
    .addOption(
      new Option('--count <n>', 'how many').argParser(wholeNumber(1, limits.agentsBatchMax)).default(1),
    )
    .addOption(
      new Option('--account <n>', 'index of the account that they belong to').argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    )
  return withLeader(command).action(async (flags: CreateFlags) => {
    const wish = { workerId: flags.on ?? null, accountIdx: flags.account ?? null }
    const { agents, receipts } = await connect(flags).createAgents(Array(flags.count).fill(wish))
    if (receipts?.some(({ state }) => state === 'refused')) process.exitCode = exitCodes.refused
    if (flags.json === true) sayJson(agents === null ? { receipts } : { agents })
    else if (agents !== null) say(agents.map(({ agentId }) => agentId).join('\n'))
    else
      for (const { agentId, steps } of receipts)
        note(
          `${agentId}: ${steps.at(-1)?.detail || 'its master has not answered yet; it comes when it does'}`,
        )
  })
}

function deleteCommand(): Command {
  const command = new Command('delete')
    .description('take an agent away')
    .argument('<agent>', 'id of the agent')
    .option('--force', 'also when it runs a task, which goes on to its end')
  return withLeader(command).action(async (id: string, flags: ClientFlags & { readonly force?: true }) => {
    const receipt = await connect(flags).deleteAgent(id, { force: flags.force, waitMs: limits.agentWaitMs })
    if (receipt.state === 'refused') process.exitCode = exitCodes.refused
    if (flags.json === true) sayJson(receipt)
    else if (receipt.state === 'refused') note(receipt.steps.at(-1)?.detail ?? 'It was refused.')
    else say(receipt.state === 'done' ? `Agent ${id} is gone.` : `Agent ${id} goes when its master is back.`)
  })
}

const agentTable = (agents: readonly Agent[]): string =>
  table(
    ['AGENT', 'MASTER', 'KIND', 'STATUS', 'TASK'],
    agents.map(({ agentId, workerId, kind, status, currentTask }) => [
      agentId,
      workerId,
      kind,
      status,
      currentTask ?? '–',
    ]),
  )
