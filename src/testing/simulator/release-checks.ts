import { bornAt } from '../../core/ids.js'
import type { LeaderCommand } from '../../ports/node-link.js'
import type { StartRun } from '../../ports/task-host.js'
import type { Fail } from './log-checker.js'
import type { World } from './world.js'

/** Holds what a leader sends to masters, and what masters start, to the durable log. */
export function watchReleases(world: World, fail: Fail) {
  world.network.onLeaderSend = (_leader, nodeId, commands) => {
    world.readLog()
    for (const command of commands) checkCommand(world, fail, nodeId, command)
  }
  return { spawned: (nodeId: string, start: StartRun) => checkSpawn(world, fail, nodeId, start) }
}

/** G1: commands and acks leave after the commit that they depend on. */
function checkCommand(world: World, fail: Fail, nodeId: string, command: LeaderCommand): void {
  const { log } = world
  switch (command.kind) {
    case 'task_request': {
      const run = log.tasks.runs.get(command.fence)
      if (run === undefined) fail('G1', `run ${command.fence} is handed over and not durable (${log.seq})`)
      else if (run.nodeId !== nodeId || run.taskId !== command.taskId) {
        fail('G7', `run ${command.fence} of ${run.taskId} on ${run.nodeId} is handed to ${nodeId}`)
      }
      return
    }
    case 'control':
      if (!Number.isNaN(bornAt(command.commandId)) && !log.knowsCommand(command.commandId)) {
        fail('G1', `command ${command.commandId} is sent and not durable`)
      }
      return
    case 'ack': {
      const folded = log.uplinkSeq(nodeId, command.incarnation)
      if (command.uplinkSeq > folded) {
        fail(
          'G1',
          `update ${nodeId}.${command.incarnation}.${command.uplinkSeq} is acked, ${folded} is folded`,
        )
      }
      checkLineOffsets(world, fail, command.lines)
      return
    }
    case 'welcome':
      if (command.term > log.term) fail('G3', `term ${command.term} speaks before it is durable`)
      checkLineOffsets(world, fail, command.lines)
      return
    default:
      return
  }
}

function checkLineOffsets(
  world: World,
  fail: Fail,
  lines: Extract<LeaderCommand, { kind: 'ack' }>['lines'],
): void {
  const { heads } = world.leader.disk.streams
  for (const { fence, stream, offset } of lines) {
    const isKept = world.log.tasks.runs.has(fence)
    const stored = heads.get(`${fence}/${stream}`)?.offset ?? 0
    if (isKept && offset > stored)
      fail('G8', `${offset} bytes of run ${fence} are acked, ${stored} are stored`)
  }
}

/** A run starts where it was assigned, after its assignment is durable, and never beside another one of its task. */
function checkSpawn(world: World, fail: Fail, nodeId: string, start: StartRun): void {
  const { fence, taskId } = start
  const run = world.log.tasks.runs.get(fence)
  if (run === undefined || run.nodeId !== nodeId || run.taskId !== taskId) {
    fail('G4', `${nodeId} starts run ${fence} of ${taskId}, which was not assigned to it`)
  }
  if (run?.isDeclined === true) fail('OF1', `${nodeId} starts run ${fence} of ${taskId}, which it declined`)
  // G7: what the program is told of itself is what the log says.
  if (run !== undefined && start.attempt !== run.attempt)
    fail('G7', `run ${fence} is attempt ${run.attempt} of ${taskId} and is told to be ${start.attempt}`)
  const { AGENTFLOW_IDEMPOTENCY_KEY: key } = start.env
  const isItsKey = key !== undefined && (key === taskId || world.log.tasks.keyOf(taskId) === key)
  if (!isItsKey) fail('G7', `run ${fence} of ${taskId} is told the idempotency key ${key}`)
  for (const machine of world.machines) {
    for (const other of machine.machine.processes.values()) {
      if (other.start.taskId === taskId && other.exit === null) {
        fail('G6', `run ${fence} of ${taskId} starts while run ${other.start.fence} lives`)
      }
    }
    for (const earlier of machine.machine.history) {
      if (earlier.start.fence === fence && !machine.lostSpools.has(fence)) {
        fail('RN8', `run ${fence} of ${taskId} is started twice`)
      }
    }
  }
}
