import { Command, InvalidArgumentError } from 'commander'
import type { RetentionView, SetRetention } from '../client/index.js'
import { parseSize, sizeText } from '../contract/size.js'
import { connect } from './connection.js'
import { type ClientFlags, duration, withLeader } from './options.js'
import { say, sayJson } from './print.js'

interface RetentionFlags extends ClientFlags {
  readonly journal?: number
  readonly journalSize?: number
  readonly lines?: number
  readonly builtIn?: true
}

/** `50GiB` → bytes. */
function size(text: string): number {
  const bytes = parseSize(text)
  if (bytes === null) throw new InvalidArgumentError('Give a size such as 512MiB or 50GiB.')
  return bytes
}

export function retentionCommand(): Command {
  const command = new Command('retention')
    .description('how much of the past is kept: show it, or choose')
    .option('--journal <dur>', 'age of events, and so of time travel, such as 720h', duration)
    .option('--journal-size <size>', 'size of the journal, such as 50GiB', size)
    .option('--lines <n>', 'lines of output over all tasks', Number)
    .option('--built-in', 'every bound as built in')
    .addHelpText(
      'after',
      '\nExamples:\n  agentflow retention\n  agentflow retention --journal 720h --journal-size 50GiB\n  agentflow retention --built-in',
    )
  return withLeader(command).action(async (flags: RetentionFlags) => {
    const client = connect(flags)
    const wish = wishOf(flags)
    const isRead = Object.values(wish).every((bound) => bound === undefined)
    const retention = isRead ? await client.retention() : await client.setRetention(wish)
    if (flags.json === true) sayJson(retention)
    else say(retentionText(retention))
  })
}

function wishOf({ journal, journalSize, lines, builtIn }: RetentionFlags): SetRetention {
  if (builtIn === true) return { journalMs: null, journalBytes: null, lines: null }
  return { journalMs: journal, journalBytes: journalSize, lines }
}

const hourMs = 3_600_000

function retentionText({ journalMs, journalBytes, lines, builtIn }: RetentionView): string {
  const row = (what: string, value: string, usual: string): string =>
    `${what.padEnd(16)}${value}${value === usual ? '' : ` (built in: ${usual})`}`
  const hours = (ms: number): string => `${Math.round(ms / hourMs)}h`
  return [
    row('journal', hours(journalMs), hours(builtIn.journalMs)),
    row('journal size', sizeText(journalBytes), sizeText(builtIn.journalBytes)),
    row('lines', String(lines), String(builtIn.lines)),
  ].join('\n')
}
