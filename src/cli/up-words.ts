import type { FleetReady } from './fleet.js'
import { note, say, sayJson, styled } from './print.js'
import type { SampleOutcome } from './sample-project.js'
import type { ProcessChange } from './supervised.js'

/** What `up` tells as it goes. */
export interface Teller {
  change(change: ProcessChange): void
  ready(ready: FleetReady): void
  sample(outcome: SampleOutcome): void
  stopping(): void
}

/** READY first; after it process events only. */
export function jsonTeller(): Teller {
  let isReady = false
  let isStopping = false
  return {
    change: ({ name, pid, state }) => {
      if (isReady && !isStopping) sayJson({ event: 'process', name, pid, state })
    },
    ready: (ready) => {
      isReady = true
      sayJson(ready)
    },
    sample: () => undefined,
    stopping: () => {
      isStopping = true
    },
  }
}

export function wordTeller(): Teller {
  let isReady = false
  return {
    change: ({ name, pid, state, how }) => {
      // Before, a child that ends fails the start, and has said why.
      if (state === 'exited' && !isReady) return
      if (state === 'started') say(`${name.padEnd(10)} ${styled('dim', `pid ${pid}`)}`)
      else note(`${name.padEnd(10)} ${styled('yellow', how)}`)
    },
    ready: (ready) => {
      isReady = true
      say(
        [
          '',
          `${styled('bold', 'The wall is open at')} ${ready.url}`,
          'The link signs you in once, within 10 minutes; a new one comes with each start.',
          '',
          `  Run something   agentflow task run --follow -- echo hello`,
          `  See the fleet   agentflow nodes`,
          `  Another master  agentflow master --id NAME --http 127.0.0.1:0`,
          ...ownWalls(ready),
          `  Data            ${ready.dataDir}`,
          '  Stop            Ctrl+C (ends every task)',
          '',
        ].join('\n'),
      )
    },
    sample: ({ submitted, known, remark }) => {
      if (remark !== null) say(remark)
      if (submitted.length > 0) say(`Project "sample" runs: ${submitted.join(', ')}.`)
      else if (known > 0) say('Project "sample" was submitted before; nothing was submitted again.')
    },
    stopping: () => say('Stopping …'),
  }
}

/** The first of them; the others are one port further each, or in `--json`. */
const ownWalls = ({ walls }: FleetReady): readonly string[] =>
  Object.values(walls)
    .slice(0, 1)
    .map((url) => `  A master's own  ${url}   (a wall that stays when the leader is gone)`)
