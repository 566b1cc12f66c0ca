import type { StallEvidence } from '../core/alerts/alert.js'
import { agentIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { Agent } from '../core/nodes/node.js'
import type * as wire from '../gen/agentflow/v1/node_sync_pb.js'
import type { LineOffset, RunRef } from '../ports/node-link.js'
import { atMost, count, freeText, name, nameOrEmpty, ordinal, quantity } from './wire-checks.js'
import { agentKinds, lineStreams, wordOf } from './wire-words.js'

/** (task, attempt, fence) of any message that speaks of a run. */
export function runRefFromWire(value: {
  readonly taskId: string
  readonly attempt: number
  readonly fence: bigint
}): RunRef {
  return {
    taskId: name(value.taskId, 'task_id'),
    attempt: ordinal(value.attempt, 'attempt'),
    fence: ordinal(value.fence, 'fence'),
  }
}

/** Agents of a register or of a change. */
export function agentsFromWire(agents: readonly wire.Agent[]): readonly Agent[] {
  return atMost(agents, limits.slotsMax, 'agents').map((agent) => ({
    agentId: agentIdOf(name(agent.agentId, 'agent.agent_id')),
    kind: wordOf(agentKinds, agent.kind, 'agent.kind'),
    failed: wordOf(['', 'error'], agent.status, 'agent.status') === 'error',
    windowId: nameOrEmpty(agent.windowId, 'agent.window_id') || null,
    accountIdx: agent.accountIdx === undefined ? null : count(agent.accountIdx, 'agent.account_idx'),
    createdAtMs: count(agent.createdAt, 'agent.created_at'),
  }))
}

/** What the stall watch saw. */
export function evidenceFromWire(evidence: wire.StallEvidence): StallEvidence {
  return {
    lines: atMost(evidence.lines, limits.stallEvidenceLines, 'evidence.lines').map((line) =>
      freeText(line, limits.lineBytesMax),
    ),
    processes: atMost(evidence.processes, limits.stallEvidenceProcesses, 'evidence.processes').map(
      (process) => ({
        pid: count(process.pid, 'process.pid'),
        parentPid: count(process.parentPid, 'process.parent_pid'),
        command: freeText(process.command),
        state: nameOrEmpty(process.state, 'process.state'),
        cpuMs: count(process.cpuMs, 'process.cpu_ms'),
        memoryBytes: count(process.memoryBytes, 'process.memory_bytes'),
      }),
    ),
    cpuCores: quantity(evidence.cpuCores, 'evidence.cpu_cores'),
    waitingFor: freeText(evidence.waitingFor),
  }
}

/** Byte positions of streams of runs. */
export function lineOffsetsFromWire(offsets: readonly wire.LineOffset[]): readonly LineOffset[] {
  return offsets.map((offset) => ({
    fence: ordinal(offset.fence, 'lines.fence'),
    stream: lineStreams.fromWire(offset.stream),
    offset: count(offset.offset, 'lines.offset'),
  }))
}
