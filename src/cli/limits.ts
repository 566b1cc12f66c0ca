import { Argument, Command } from 'commander'
import type { Limit } from '../client/index.js'
import { limitScopes } from '../contract/limit.js'
import { limitIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { LimitScope } from '../core/run-limits/limit.js'
import { connect } from './connection.js'
import { type ClientFlags, duration, wholeNumber, withLeader } from './options.js'
import { note, say, sayJson, styled, table } from './print.js'

export function limitsCommand(): Command {
  return new Command('limits')
    .description('how many runs there may be, and how fast they may start')
    .addCommand(listCommand())
    .addCommand(setCommand())
    .addCommand(actCommand('pause', 'let nothing of a capacity start anywhere; what runs goes on'))
    .addCommand(actCommand('resume', 'let tasks of a capacity start again'))
    .addCommand(deleteCommand())
    .addHelpText(
      'after',
      `
Examples:
  agentflow limits set key deploy --runs 1            one run with this concurrency key at a time
  agentflow limits set key '*' --runs 2               two for each key without a limit of its own
  agentflow limits set project web --runs 20
  agentflow limits set capacity api --runs 5 --rate 60 --per 1m
  agentflow limits pause capacity api`,
    )
}

function listCommand(): Command {
  const command = new Command('list').description('every limit, and how much of it is used')
  return withLeader(command).action(async (flags: ClientFlags) => {
    const found = await connect(flags).limits()
    if (flags.json === true) sayJson({ limits: found })
    else if (found.length === 0) note('There is no limit. Set one: agentflow limits set key deploy --runs 1')
    else say(limitTable(found))
  })
}

interface SetFlags extends ClientFlags {
  readonly runs?: number
  readonly rate?: number
  readonly per?: number
}

const named = (command: Command): Command =>
  command
    .addArgument(new Argument('<scope>', 'what runs share it by').choices(limitScopes))
    .argument('<name>', "of the key, project, kind of agent or capacity; '*' = each key without its own")

function setCommand(): Command {
  const command = named(new Command('set').description('make a limit, or replace its figures'))
    .option('--runs <n>', 'runs at the same time', wholeNumber(0, limits.tasksUnfinishedMax))
    .option('--rate <n>', 'starts at once, then as many per --per', wholeNumber(1, limits.rateCountMax))
    .option('--per <dur>', 'for --rate (default: 1s)', duration)
  return withLeader(command).action(async (scope: LimitScope, value: string, flags: SetFlags) => {
    const rate = flags.rate === undefined ? null : { count: flags.rate, perMs: flags.per ?? 1_000 }
    const limit = await connect(flags).setLimit({ scope, value, runsMax: flags.runs ?? null, rate })
    if (flags.json === true) sayJson(limit)
    else say(limitTable([limit]))
  })
}

function actCommand(action: 'pause' | 'resume', description: string): Command {
  const command = named(new Command(action).description(description))
  return withLeader(command).action(async (scope: LimitScope, value: string, flags: ClientFlags) => {
    const client = connect(flags)
    const id = limitIdOf(scope, value)
    const limit = action === 'pause' ? await client.pauseLimit(id) : await client.resumeLimit(id)
    if (flags.json === true) sayJson(limit)
    else if (limit.paused) say(`Nothing of ${scope} ${value} starts any more; ${limit.running} run.`)
    else say(`Tasks of ${scope} ${value} start again.`)
  })
}

function deleteCommand(): Command {
  const command = named(new Command('delete').description('take a limit away'))
  return withLeader(command).action(async (scope: LimitScope, value: string, flags: ClientFlags) => {
    const limitId = limitIdOf(scope, value)
    await connect(flags).deleteLimit(limitId)
    if (flags.json === true) sayJson({ limitId, deleted: true })
    else if (scope === 'capacity') say(`Capacity ${value} is gone; its tasks wait until it is set again.`)
    else say(`There is no limit on ${scope} ${value} any more.`)
  })
}

const closedWords: Readonly<Record<NonNullable<Limit['closed']>, string>> = {
  concurrency: 'full',
  rate: 'waits for its rate',
  capacity_paused: 'paused',
}

export function limitTable(found: readonly Limit[]): string {
  const rows = found.map(({ scope, value, runsMax, running, rate, closed }) => [
    scope,
    value,
    `${running ?? 'each'}/${runsMax ?? '∞'}`,
    rate === null ? '–' : `${rate.count} per ${rate.perMs} ms`,
    closed === null ? 'open' : styled('yellow', closedWords[closed]),
  ])
  return table(['SCOPE', 'NAME', 'RUNS', 'RATE', 'NOW'], rows)
}
