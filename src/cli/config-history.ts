import { Command, Option } from 'commander'
import type { ConfigChange, ConfigHistoryQuery } from '../client/index.js'
import { configKinds } from '../core/config/config-event.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { type ClientFlags, duration, wholeNumber, withLeader } from './options.js'
import { note, plain, say, sayJson, styled } from './print.js'
import { timeText } from './time-text.js'

interface HistoryFlags extends ClientFlags {
  readonly kind?: ConfigHistoryQuery['kind']
  readonly since?: number
  readonly limit: number
  readonly cursor?: string
}

export function configHistoryCommand(): Command {
  const command = new Command('history')
    .description('changes of the cluster’s settings, newest first: who, when, what was before')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices([...configKinds]))
    .option('--since <dur>', 'only of the last 2h, for example', duration)
    .option('--limit <n>', 'changes a page', wholeNumber(1, limits.pageMax), 20)
    .option('--cursor <cursor>', 'go on where a page ended')
    .addHelpText('after', '\nExample:\n  agentflow config history --kind limit --since 24h')
  return withLeader(command).action(async (flags: HistoryFlags) => {
    const { kind, since, limit, cursor } = flags
    const query = { kind, limit, cursor, from: since === undefined ? undefined : Date.now() - since }
    const page = await connect(flags).configHistory(query)
    if (flags.json === true) {
      sayJson(page)
      return
    }
    if (page.changes.length === 0) note('Nothing was changed.')
    else say(page.changes.map(changeText).join('\n'))
    if (page.nextCursor !== null) note(`Older ones: --cursor ${page.nextCursor}`)
  })
}

function changeText({ at, kind, name, act, by, via, fields, cut }: ConfigChange): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const head = `${timeText(at, zone)}  ${styled('bold', `${kind} ${plain(name)}`)} ${act} by ${plain(by)} (${via})`
  const lines = fields.map(
    ({ path, before, after }) => `  ${plain(path)}: ${valueText(before)} → ${valueText(after)}`,
  )
  return [head, ...lines, ...(cut ? ['  …'] : [])].join('\n')
}

const valueText = (value: unknown): string =>
  value === null ? '–' : plain(typeof value === 'string' ? value : JSON.stringify(value))
