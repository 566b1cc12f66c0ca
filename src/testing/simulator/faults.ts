import type { JournalFate } from '../memory-journal.js'
import type { Partition } from './network.js'
import type { World } from './world.js'

/** Something that goes wrong, and how it comes right again. */
interface Fault {
  readonly name: string
  readonly begin: (world: World) => (() => void) | undefined
}

const diskIs = (world: World, change: Partial<JournalFate>): (() => void) => {
  const changes = world.leader.diskChanges
  changes.add(change)
  return () => {
    changes.delete(change)
  }
}

function partitioned(world: World): () => void {
  const { nodeId } = world.anyMachine()
  const partition: Partition = world.random.pick(['up', 'down', 'both'])
  world.network.partition(nodeId, partition)
  return () => world.network.partition(nodeId, 'none')
}

function frozen(world: World): () => void {
  const machine = world.anyMachine()
  machine.freeze()
  return () => machine.thaw()
}

const faults: readonly [Fault, ...Fault[]] = [
  { name: 'leader killed', begin: (world) => world.leader.crash('killed') as undefined },
  { name: 'leader killed', begin: (world) => world.leader.crash('killed') as undefined },
  { name: 'leader loses power', begin: (world) => world.leader.crash('power_cut') as undefined },
  { name: 'leader loses power', begin: (world) => world.leader.crash('power_cut') as undefined },
  {
    name: 'leader leaves',
    begin: (world) => {
      void world.leader.leave()
      return undefined
    },
  },
  {
    name: 'leader is stopped and succeeded',
    begin: (world) => {
      world.leader.stall()
      return () => world.leader.wake()
    },
  },
  {
    name: 'leader stands still',
    begin: (world) => {
      const process = world.leader.process
      if (process === null) return undefined
      process.freeze()
      world.network.froze(process)
      return () => process.thaw()
    },
  },
  {
    name: 'master killed',
    begin: (world) => {
      world.anyMachine().kill()
      return undefined
    },
  },
  {
    name: 'master killed',
    begin: (world) => {
      world.anyMachine().kill()
      return undefined
    },
  },
  {
    name: 'machine loses power',
    begin: (world) => {
      world.anyMachine().powerCut()
      return undefined
    },
  },
  { name: 'master stands still', begin: (world) => frozen(world) },
  { name: 'master stands still', begin: (world) => frozen(world) },
  {
    name: 'connection cut',
    begin: (world) => {
      world.network.cut(world.anyMachine().nodeId)
      return undefined
    },
  },
  {
    name: 'connection cut',
    begin: (world) => {
      world.network.cut(world.anyMachine().nodeId)
      return undefined
    },
  },
  { name: 'partition', begin: (world) => partitioned(world) },
  { name: 'partition', begin: (world) => partitioned(world) },
  { name: 'disk full', begin: (world) => diskIs(world, { outcome: 'full' }) },
  { name: 'slow disk', begin: (world) => diskIs(world, { syncMs: 400 }) },
  {
    name: 'append fails',
    begin: (world) => {
      world.leader.nextOutcome = 'failed'
      return undefined
    },
  },
  {
    name: 'outcome of an append is unknown',
    begin: (world) => {
      world.leader.nextOutcome = 'unknown'
      return undefined
    },
  },
  {
    name: 'clock step',
    begin: (world) => {
      const process = world.random.chance(0.5) ? world.leader.process : world.anyMachine().process
      if (process !== null) process.skewMs += world.random.between(-20_000, 20_000)
      return undefined
    },
  },
  {
    name: 'wall cut',
    begin: (world) => {
      for (const wall of world.walls) wall.cut()
      return undefined
    },
  },
  {
    name: 'wall reads nothing',
    begin: (world) => {
      for (const wall of world.walls) wall.setSlow(true)
      return () => {
        for (const wall of world.walls) wall.setSlow(false)
      }
    },
  },
]

/** A master is away for so long that leases run out while its programs go on. */
const silences: readonly [Fault, ...Fault[]] = [
  { name: 'long partition', begin: (world) => partitioned(world) },
  { name: 'master stands still for long', begin: (world) => frozen(world) },
  {
    name: 'master stays dead',
    begin: (world) => {
      const machine = world.anyMachine()
      machine.kill()
      machine.isDown = true
      return () => {
        machine.isDown = false
      }
    },
  },
]

/**
 * Draws a few faults. Half of them happen at a point in time, half at a step of the simulation, so that busy moments
 * (between a write and its sync, between a commit and its answer) are hit as often as quiet ones.
 */
export function planFaults(world: World, count: number, withinMs: number): void {
  const { random } = world
  for (let drawn = 0; drawn < count; drawn += 1) {
    const fault = random.pick(faults)
    const lastsMs = random.chance(0.3) ? random.between(5_000, 40_000) : random.between(50, 3_000)
    const strike = (): void => strikeOnce(world, fault, lastsMs)
    if (random.chance(0.5)) world.clock.after(random.between(0, withinMs), strike)
    else world.atStep(random.int(10, 800), strike)
  }
  if (!world.isLong) return
  const fault = random.pick(silences)
  const lastsMs = random.between(5_000, 45_000)
  world.clock.after(random.between(500, withinMs), () => strikeOnce(world, fault, lastsMs))
}

function strikeOnce(world: World, fault: Fault, lastsMs: number): void {
  if (world.isHealing) return
  world.happened(fault.name)
  const end = fault.begin(world)
  if (end === undefined) return
  const undo = world.untilHealed(end)
  world.clock.after(lastsMs, undo)
}
