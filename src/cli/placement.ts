import { Argument, Command, InvalidArgumentError } from 'commander'
import { type Placement, strategyNames } from '../contract/placement.js'
import { connect } from './connection.js'
import { type ClientFlags, withLeader } from './options.js'
import { say, sayJson } from './print.js'

type Weights = Partial<Placement['weights']>

interface PlacementFlags extends ClientFlags {
  readonly weight?: Weights
}

const isMeasure = (name: string): name is keyof Placement['weights'] =>
  ['connections', 'cpu', 'memory', 'response'].includes(name)

/** For `--weight cpu=2`, several times. */
function collectWeight(pair: string, earlier: Weights = {}): Weights {
  const [name = '', value = ''] = pair.split('=')
  const weight = Number(value)
  if (!isMeasure(name) || value === '' || !(weight >= 0))
    throw new InvalidArgumentError('Give connections=N, cpu=N, memory=N or response=N.')
  return { ...earlier, [name]: weight }
}

export function placementCommand(): Command {
  const command = new Command('placement')
    .description('how a master is chosen among those that can take a task: show it, or choose')
    .addArgument(new Argument('[strategy]', 'from now on; what is placed stays').choices(strategyNames))
    .option(
      '--weight <measure=n>',
      'for weighted: connections, cpu, memory, response (default 1 each)',
      collectWeight,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  agentflow placement\n  agentflow placement least-connections\n  agentflow placement weighted --weight cpu=3 --weight response=0',
    )
  return withLeader(command).action(
    async (strategy: Placement['strategy'] | undefined, flags: PlacementFlags) => {
      const client = connect(flags)
      const placement =
        strategy === undefined
          ? await client.placement()
          : await client.choosePlacement({ strategy, weights: flags.weight ?? {} })
      if (flags.json === true) sayJson(placement)
      else say(placementText(placement))
    },
  )
}

function placementText({ strategy, weights, strategies }: Placement): string {
  const measures = Object.entries(weights).map(([name, weight]) => `${name}=${weight}`)
  const how = strategy === 'weighted' ? `${strategy} (${measures.join(' ')})` : strategy
  return `Masters are chosen by ${how}.\nThere are: ${strategies.join(', ')}`
}
