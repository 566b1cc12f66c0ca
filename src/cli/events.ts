import { Command } from 'commander'
import type { LogEvent } from '../client/index.js'
import { connect } from './connection.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { note, say, sayJson, styled } from './print.js'

interface EventFlags extends ClientFlags {
  readonly follow?: true
  readonly last: number
  readonly after?: number
}

const examples = `
Examples:
  agentflow events --follow
  agentflow events --after 0 --json | jq -r .type | sort | uniq -c

Every change is one event. With --follow the newest ones come first, then each new one as it is
committed, also over a restart of the leader.`

export function eventsCommand(): Command {
  const command = new Command('events')
    .description('what happened, in order')
    .option('--follow', 'go on with each new event')
    .option('--last <n>', 'begin with the newest n', wholeNumber(0, 100_000), 20)
    .option(
      '--after <seq>',
      'begin after this event instead; 0 = all that are kept',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .addHelpText('after', examples)
  return withLeader(command).action(async (flags: EventFlags) => {
    const client = connect(flags)
    const { seq: headSeq } = await client.stats()
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    process.once('SIGTERM', () => stop.abort())
    const afterSeq = flags.after ?? Math.max(0, headSeq - flags.last)
    if (flags.follow !== true && afterSeq >= headSeq) return
    const events = client.events({
      afterSeq,
      signal: stop.signal,
      onInterrupted: (error) => note(`${error.message} Trying again.`),
    })
    for await (const event of events) {
      if (flags.json === true) sayJson(event)
      else say(eventText(event))
      if (flags.follow !== true && event.seq >= headSeq) break
    }
  })
}

const bodyLengthMax = 160

export function eventText(event: LogEvent): string {
  const at = new Date(event.atMs).toISOString().slice(11, 23)
  const body = JSON.stringify(event.body)
  const short = body.length > bodyLengthMax ? `${body.slice(0, bodyLengthMax)}…` : body
  return `${styled('dim', `${event.seq}`.padStart(6))} ${styled('dim', at)} ${event.type.padEnd(18)} ${event.entity.kind}:${event.entity.id} ${styled('dim', `${event.actor.principalId} ${short}`)}`
}
