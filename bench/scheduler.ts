import { type Bench, type Measurement, percentile, roundsOf, rowOf } from './harness.js'
import { type FleetSize, SchedulerFleet } from './scheduler-fleet.js'

const small: FleetSize = { masters: 10, queued: 1_000 }
const large: FleetSize = { masters: 1_000, queued: 100_000 }

type Part = 'decisionUs' | 'stepUs'
type Times = Readonly<Record<Part, readonly number[]>>

/**
 * Steps of the rules on a full fleet, at 1,000 masters with 100,000 queued tasks and at 10 with 1,000: a run ends, a
 * task is submitted, what can go is placed. Without journal and transports.
 */
export const bench: Bench = async (options) => {
  const steps = options.quick ? 5_000 : 30_000
  const rounds: { readonly ours: Times; readonly reference: Times }[] = []
  for (let round = 0; round < roundsOf(options); round += 1) {
    const [first, second] = round % 2 === 0 ? [large, small] : [small, large]
    const taken = [timesOf(first, steps), timesOf(second, steps)] as const
    rounds.push(
      first === large ? { ours: taken[0], reference: taken[1] } : { ours: taken[1], reference: taken[0] },
    )
  }
  const both = (part: Part, fraction: number): readonly Measurement[] =>
    rounds.map(({ ours, reference }) => ({
      ours: percentile(ours[part], fraction),
      reference: percentile(reference[part], fraction),
    }))
  const alone = (part: Part, fraction: number): readonly Measurement[] =>
    both(part, fraction).map(({ ours }) => ({ ours, reference: null }))
  const note = `${large.masters} masters × ${large.queued} queued beside ${small.masters} × ${small.queued}, ${steps} steps a round; 30 % labels, 20 % accounts, 10 % named masters`
  const description = { better: 'lower', fsync: 'none', unit: 'µs', note } as const
  return [
    rowOf({ ...description, name: 'scheduler.decision.p99', bar: 50 }, alone('decisionUs', 0.99)),
    rowOf({ ...description, name: 'scheduler.growth.p99', bar: 3 }, both('decisionUs', 0.99)),
    rowOf({ ...description, name: 'scheduler.growth.p50', bar: null }, both('decisionUs', 0.5)),
    rowOf({ ...description, name: 'scheduler.step.p99', bar: null }, both('stepUs', 0.99)),
  ]
}

function timesOf(size: FleetSize, steps: number): Times {
  const fleet = new SchedulerFleet(size)
  for (let step = 0; step < steps / 3; step += 1) fleet.step()
  const times = { decisionUs: [] as number[], stepUs: [] as number[] }
  for (let step = 0; step < steps; step += 1) {
    const { decisionUs, stepUs } = fleet.step()
    times.decisionUs.push(decisionUs)
    times.stepUs.push(stepUs)
  }
  // Invariant: each step adds a task and takes one, so that the queue stays as long as it is said to be.
  if (Math.abs(fleet.queued - size.queued) > size.queued / 100) throw new Error(`${fleet.queued} are queued`)
  return times
}
