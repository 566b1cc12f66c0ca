import { type Child, startChild } from './child.js'
import { FleetSide } from './fleet-side.js'
import type { WallsRequest } from './fleet-walls.js'
import { type Bench, type Measurement, type Row, roundsOf, rowOf } from './harness.js'
import type { LoopDelay } from './loop-probe.js'
import { rssMiB } from './machine.js'

const full = { masters: 1_000, few: 10, walls: { reading: 90, stuck: 10 }, windowMs: 4_000 }
const quick = { masters: 50, few: 10, walls: { reading: 9, stuck: 1 }, windowMs: 2_000 }
/** For the CPU of a task, and beside walls. */
const tasksPerS = { alone: 800, watched: 200 }

interface Watched {
  readonly loop: LoopDelay
  readonly rssMiB: number
  /** Of a core. */
  readonly cpu: number
}

/**
 * A leader with 1,000 real streams: what a task costs it beside a leader with ten, by turns, over what meters and pings
 * cost anyway; then with 100 walls, ten of which read nothing: delays of its event loop, memory, CPU.
 */
export const bench: Bench = async (options) => {
  const size = options.quick ? quick : full
  const submitter = startChild('fleet-submitter.js')
  const walls = startChild('fleet-walls.js')
  const sides: FleetSide[] = []
  try {
    const many = await FleetSide.start(size.masters, submitter)
    sides.push(many)
    const few = await FleetSide.start(size.few, submitter)
    sides.push(few)
    // Both warm.
    for (const side of sides) await taskCpuUs(side, size.windowMs)
    const cpu: Measurement[] = []
    for (let round = 0; round < roundsOf(options); round += 1) {
      const early = round % 2 === 0 ? null : await taskCpuUs(few, size.windowMs)
      const ours = await taskCpuUs(many, size.windowMs)
      cpu.push({ ours, reference: early ?? (await taskCpuUs(few, size.windowMs)) })
    }
    await openWalls(walls, many, size.walls)
    const watched: Watched[] = []
    await many.beat()
    for (let round = 0; round < roundsOf(options); round += 1) watched.push(await watch(many, size.windowMs))
    return rowsOf({ cpu, watched, size })
  } finally {
    walls.end()
    submitter.end()
    for (const side of sides) await side.stop()
  }
}

/** CPU µs of a task on the leader, over what it spends without tasks. */
async function taskCpuUs(side: FleetSide, windowMs: number): Promise<number> {
  await side.beat()
  await side.settle()
  const quiet = await side.quietCpu(windowMs)
  const { tasks, cpuMsPerS, s } = await side.load(tasksPerS.alone, windowMs)
  await side.rest()
  return ((cpuMsPerS - quiet) * s * 1_000) / tasks
}

async function openWalls(walls: Child, { leader }: FleetSide, size: typeof full.walls): Promise<void> {
  const { ws, api, token } = leader.ready
  await walls.ask({ ws, origin: api, token, ...size } satisfies WallsRequest)
}

async function watch(side: FleetSide, windowMs: number): Promise<Watched> {
  await side.leader.loopDelay()
  const { cpuMsPerS } = await side.load(tasksPerS.watched, windowMs)
  const loop = await side.leader.loopDelay()
  return { loop, rssMiB: rssMiB(side.leader.ready.pid), cpu: cpuMsPerS / 1_000 }
}

function rowsOf(measured: {
  readonly cpu: readonly Measurement[]
  readonly watched: readonly Watched[]
  readonly size: typeof full
}): readonly Row[] {
  const { cpu, watched, size } = measured
  const base = { better: 'lower', fsync: 'each-commit', bar: null } as const
  const each = (value: (one: Watched) => number): readonly Measurement[] =>
    watched.map((one) => ({ ours: value(one), reference: null }))
  const fleet = `${size.masters} masters × 10 agents, meters each second`
  const cpuNote = `${fleet} ÷ ${size.few} masters, ${tasksPerS.alone} tasks/s, over what it costs without tasks`
  const { reading, stuck } = size.walls
  const note = `${fleet}, ${reading + stuck} walls of which ${stuck} read nothing, ${tasksPerS.watched} tasks/s`
  const loop = { ...base, unit: 'ms', note } as const
  return [
    rowOf({ ...base, name: 'fleet.task.cpu', unit: 'µs', bar: 1.3, note: cpuNote }, cpu),
    rowOf(
      { ...loop, name: 'fleet.loop.p50' },
      each((one) => one.loop.p50Ms),
    ),
    rowOf(
      { ...loop, name: 'fleet.loop.p99' },
      each((one) => one.loop.p99Ms),
    ),
    rowOf(
      { ...loop, name: 'fleet.loop.max', bar: 250 },
      each((one) => one.loop.maxMs),
    ),
    rowOf(
      { ...base, name: 'fleet.rss', unit: 'MiB', bar: 512, note },
      each((one) => one.rssMiB),
    ),
    rowOf(
      { ...base, name: 'fleet.cpu', unit: 'cores', note },
      each((one) => one.cpu),
    ),
  ]
}
