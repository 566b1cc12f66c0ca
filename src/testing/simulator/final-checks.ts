import type { Task } from '../../contract/task.js'
import type { Worker } from '../../contract/worker.js'
import type { LogEvent } from '../../core/event.js'
import { limits } from '../../core/limits.js'
import { apply, entityId, install, State } from '../../core/state.js'
import type { Caller } from '../../ports/control-plane.js'
import type { FakeProcess } from '../fake-machine.js'
import { MemoryViews } from '../memory-views.js'
import type { SimMachine } from './sim-machine.js'
import type { SimWall } from './sim-wall.js'
import type { World } from './world.js'

const reader: Caller = {
  principal: { kind: 'user', id: 'ann', role: 'admin' },
  via: 'rest',
  traceId: 'check',
}

/** When all is at rest, every view of the log must say the same. */
export async function checkAtRest(world: World): Promise<void> {
  checkRuns(world)
  checkLines(world)
  await checkRecovery(world)
  const plane = world.leader.leader?.plane
  if (plane === undefined) return
  const workers = (JSON.parse(await plane.workers(reader)) as { workers: Worker[] }).workers
  for (const wall of world.walls) {
    checkWallNodes(world, wall, workers)
    for (const taskId of world.log.tasks.byId.keys()) {
      checkWallTask(world, wall, JSON.parse(await plane.task(reader, taskId)) as Task)
    }
  }
}

/** G5: what counts as the end of a run is what its process did and its master told. */
function checkRuns(world: World): void {
  for (const machine of world.machines) {
    for (const [fence, told] of machine.outbox.told) {
      const run = world.log.tasks.runs.get(fence)
      const end = run?.isGivenUp === true ? run.late : run?.end
      if (JSON.stringify(end) !== JSON.stringify(told)) {
        world.fail(`G5: run ${fence} was told to be ${told.outcome} and counts as ${end?.outcome}`)
      }
    }
    for (const [fence, processes] of byFence(machine)) {
      const end = world.log.tasks.runs.get(fence)?.end
      if (world.log.tasks.runs.get(fence)?.isDeclined === true) {
        world.fail(`OF1: run ${fence} ran on ${machine.nodeId} and was declined`)
      }
      const hasSucceeded = processes.some(({ exit }) => exit?.kind === 'exited' && exit.exitCode === 0)
      if (end === undefined || end === null) {
        world.fail(`G5: run ${fence} ran on ${machine.nodeId} and has no end`)
      } else if (end.outcome === 'succeeded' && !hasSucceeded) {
        world.fail(`G5: run ${fence} counts as succeeded and did not`)
      }
    }
  }
}

/** More than one process only where a machine lost its power and all knowledge of the first. */
function byFence(machine: SimMachine): Map<number, FakeProcess[]> {
  const processes = new Map<number, FakeProcess[]>()
  for (const process of machine.machine.history) {
    const known = processes.get(process.start.fence) ?? []
    processes.set(process.start.fence, [...known, process])
  }
  return processes
}

/** G8: what a run printed is stored, each line once and in order. Where the spool is gone, a beginning of it. */
function checkLines(world: World): void {
  const stored = new Map<number, string[]>()
  for (const line of world.leader.disk.streams.lines) {
    const run = world.log.tasks.runs.get(line.fence)
    if (run?.taskId !== line.taskId || run.attempt !== line.attempt || run.nodeId !== line.nodeId)
      world.fail(`G7: a line of ${line.taskId} attempt ${line.attempt} is kept under run ${line.fence}`)
    const texts = stored.get(line.fence) ?? []
    texts.push('gap' in line ? `(${line.gap.reason})` : line.text)
    stored.set(line.fence, texts)
  }
  for (const machine of world.machines) {
    for (const [fence, processes] of byFence(machine)) {
      const kept = stored.get(fence) ?? []
      const isLost = machine.lostSpools.has(fence)
      const isWhole = processes.some(({ output }) => {
        const printed = output.split('\n').slice(0, -1)
        const isBeginning = kept.every((text, position) => text === printed[position])
        return isBeginning && (isLost || kept.length === printed.length)
      })
      if (!isWhole) world.fail(`G8: of run ${fence} these lines are stored: ${kept.join(' | ')}`)
    }
  }
}

/** TU9: load(rows) + tail ≡ fold(log). */
async function checkRecovery(world: World): Promise<void> {
  const { journal, views } = world.leader.disk
  const events = journal.events.map(({ json }) => JSON.parse(json) as LogEvent)
  const folded = new State()
  for (const event of events) apply(folded, event)
  const loaded = new State()
  const rows = await new MemoryViews(views).load({ finishedMax: limits.tasksFinishedKept })
  const { projectedSeq } = views
  install(loaded, rows, projectedSeq, events[projectedSeq - 1]?.atMs ?? 0)
  for (const event of events.slice(projectedSeq)) apply(loaded, event)
  const [one, other] = [contents(folded), contents(loaded)]
  for (const [key, json] of one) {
    if (other.get(key) !== json)
      world.fail(`TU9: ${key} is ${json} by the log and ${other.get(key)} by the views`)
  }
  if (one.size !== other.size) world.fail(`TU9: ${one.size} entities by the log, ${other.size} by the views`)
}

function contents(state: State): Map<string, string> {
  const all = Object.values(state.tables).flatMap((table) => [...table.values()])
  return new Map(all.map((entity) => [`${entity.kind} ${entityId(entity)}`, JSON.stringify(entity)]))
}

/** WL2: the wall's version of a task is the leader's. */
function checkWallTask(world: World, wall: SimWall, task: Task): void {
  const seen = wall.tasks.get(task.taskId)?.value
  const pick = (one: Task | undefined) =>
    JSON.stringify([one?.status, one?.phase, one?.attempt, one?.fence, one?.workerId, one?.result?.exitCode])
  if (pick(seen) !== pick(task)) {
    world.fail(`WL2: a wall shows ${task.taskId} as ${pick(seen)}, it is ${pick(task)}`)
  }
}

function checkWallNodes(world: World, wall: SimWall, workers: readonly Worker[]): void {
  const pick = (one: Worker | undefined) =>
    JSON.stringify([
      one?.status,
      one?.busyAgents,
      one?.agents.map((agent) => [agent.agentId, agent.currentTask]),
    ])
  for (const worker of workers) {
    const seen = wall.nodes.get(worker.workerId)?.value
    if (pick(seen) !== pick(worker)) {
      world.fail(`WL2: a wall shows ${worker.workerId} as ${pick(seen)}, it is ${pick(worker)}`)
    }
  }
}
