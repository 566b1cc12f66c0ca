import type { Alert as AlertEntity } from '../core/alerts/alert.js'
import { priorityOf } from '../core/alerts/priority.js'
import { countEffects } from '../core/effects/effect.js'
import { limits } from '../core/limits.js'
import type { Node } from '../core/nodes/node.js'
import type { Receipt as ReceiptEntity } from '../core/receipts/receipt.js'
import type { RunEnd } from '../core/runs/run.js'
import { phaseOf, statusOf } from '../core/tasks/status.js'
import type { PastRun, Task as TaskEntity } from '../core/tasks/task.js'
import { needsOf, termsOf } from '../core/tasks/terms.js'
import type { WaitReason } from '../core/why/wait-reason.js'
import type { Alert } from './alert.js'
import type { Receipt, Task } from './task.js'
import type { Agent, Metrics, Worker } from './worker.js'

/** What is known of a live run beside its entity: the newest samples and the lease. */
export interface RunSamples {
  readonly progress: number | null
  readonly pid: number | null
  readonly leaseUntilMs: number | null
  readonly partial: { readonly value: unknown } | null
}
const noSamples: RunSamples = { progress: null, pid: null, leaseUntilMs: null, partial: null }

/** What a task's picture needs beside the entity. */
export interface TaskFacts {
  readonly samples: RunSamples
  readonly waitReason: WaitReason | null
}
const noFacts: TaskFacts = { samples: noSamples, waitReason: null }

/** REST's Task. `pushed` cuts large fields, as WebSocket and watch copies are. */
export function taskView(task: TaskEntity, facts: TaskFacts = noFacts, pushed = false): Task {
  const { spec, state } = task
  const { samples, waitReason } = facts
  const run = state.phase === 'live' ? state.run : null
  const last = task.past.at(-1)
  const ended = run === null && last !== undefined && last.attempt === state.attempt ? last : null
  const result = ended === null ? null : resultOf(ended.end)
  const cutPayload = pushed && JSON.stringify(spec.payload).length > limits.pushedFieldBytesMax
  const cutValue =
    pushed && result !== null && JSON.stringify(result.value ?? null).length > limits.pushedFieldBytesMax
  const cutPartial =
    pushed &&
    samples.partial !== null &&
    JSON.stringify(samples.partial.value).length > limits.pushedFieldBytesMax
  return {
    taskId: task.taskId,
    type: spec.type,
    name: spec.name,
    project: task.projectId,
    priority: spec.priority,
    payload: cutPayload ? {} : { ...spec.payload },
    requirements: requirementsView(spec),
    ...queueView(spec),
    stallAfterMs: spec.stallAfterMs,
    retry: { ...spec.retry, on: [...spec.retry.on] },
    leaseClass: spec.leaseClass,
    onDisconnect: spec.onDisconnect,
    idempotencyKey: spec.idempotencyKey,
    origin: spec.origin ?? null,
    status: statusOf(task),
    phase: phaseOf(task),
    workerId: run?.nodeId ?? ended?.nodeId ?? null,
    agentId: run?.agentId ?? ended?.agentId ?? null,
    attempt: state.attempt,
    fence: run?.fence ?? ended?.fence ?? null,
    pid: samples.pid ?? run?.pid ?? null,
    progress: run === null ? (ended?.end.progress ?? null) : samples.progress,
    stall:
      run?.stall == null
        ? null
        : { kind: run.stall.kind, since: run.stall.sinceMs, lines: [...run.stall.lines] },
    waitReason: waitReason === null ? null : reasonView(waitReason),
    result: cutValue && result !== null ? { ...result, value: null } : result,
    error: errorOf(task, ended),
    createdAt: task.createdAtMs,
    startedAt: run?.startedAtMs ?? ended?.startedAtMs ?? null,
    completedAt: state.phase === 'final' ? state.completedAtMs : null,
    leaseUntil: run === null ? null : samples.leaseUntilMs,
    effects: task.effects === undefined ? null : countEffects(task),
    attempts: (pushed ? task.past.slice(-5) : task.past).map(pastView),
    ...(samples.partial === null || cutPartial ? {} : { partial: samples.partial.value }),
    ...(cutPayload || cutValue || cutPartial ? { truncated: true } : {}),
  }
}

function requirementsView(spec: TaskEntity['spec']) {
  const { accountIdx, workerId, timeout } = spec.requirements
  const { labels, capabilities, gpus, slots, memoryBytes } = needsOf(spec)
  return { accountIdx, workerId, timeout, labels, capabilities: [...capabilities], gpus, slots, memoryBytes }
}

function queueView(spec: TaskEntity['spec']) {
  const terms = termsOf(spec)
  return {
    runAt: terms.runAtMs,
    delayMs: terms.delayMs,
    dependsOn: [...terms.dependsOn],
    dependsMode: terms.dependsMode,
    tags: [...terms.tags],
    concurrencyKey: terms.concurrencyKey,
    capacity: terms.capacity,
    queueTimeoutMs: terms.queueTimeoutMs,
    totalTimeoutMs: terms.totalTimeoutMs,
  }
}

const reasonView = ({ code, text, nearest, limit, until }: WaitReason): Task['waitReason'] => ({
  code,
  text,
  nearest: nearest === null ? null : { workerId: nearest.workerId, lacks: [...nearest.lacks] },
  limit: limit === undefined ? null : { ...limit },
  until,
})

const resultOf = (end: RunEnd) => ({
  exitCode: end.exitCode,
  signal: end.signal,
  value: end.value,
  tail: end.tail,
})

function errorOf(task: TaskEntity, ended: PastRun | null): Task['error'] {
  const { state } = task
  if (state.phase !== 'final' || state.outcome === 'succeeded') return null
  const message =
    (state.why === undefined ? null : sentence(state.why)) ??
    ended?.end.message ??
    (state.outcome === 'cancelled' ? 'It was cancelled before it ran.' : `It ended as ${state.outcome}.`)
  return { code: state.outcome, message }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const pastView = (run: PastRun) => ({
  attempt: run.attempt,
  fence: run.fence,
  workerId: run.nodeId,
  agentId: run.agentId,
  startedAt: run.startedAtMs,
  endedAt: run.endedAtMs,
  outcome: run.end.outcome,
  exitCode: run.end.exitCode,
  signal: run.end.signal,
  message: run.end.message,
})

/** What a worker's picture needs beside the node entity. */
export interface NodeSamples {
  readonly metrics: Metrics | null
  readonly rttMs: number | null
  readonly lastSeenAtMs: number
  readonly taskOf: (agentId: string) => string | null
}

/** REST's Worker; agent status, current task and busy counts are derived here and nowhere else. */
export function workerView(node: Node, samples: NodeSamples): Worker {
  const agents = node.agents.map((agent): Agent => {
    const currentTask = samples.taskOf(agent.agentId)
    return {
      agentId: agent.agentId,
      workerId: node.nodeId,
      kind: agent.kind,
      windowId: agent.windowId,
      accountIdx: agent.accountIdx,
      status: agentStatus(node, agent.failed, currentTask),
      currentTask,
      createdAt: agent.createdAtMs,
    }
  })
  const { capabilities } = node
  return {
    workerId: node.nodeId,
    url: node.url,
    status: isLeaving(node) ? 'draining' : node.status,
    schedulable: node.status === 'online' && node.hold === undefined && node.agents.length > 0,
    hold: holdView(node),
    os: capabilities.os,
    arch: capabilities.arch,
    cpus: capabilities.cpus,
    memoryBytes: capabilities.memoryBytes,
    gpus: [...capabilities.gpus],
    labels: { ...capabilities.labels },
    projectTypes: [...capabilities.projectTypes],
    // Agents come and go at run time; of one that takes its agents away its size is still told.
    maxAgents: node.leaving === true ? capabilities.slots : agents.length,
    busyAgents: agents.filter((agent) => agent.currentTask !== null).length,
    rttMs: samples.rttMs,
    registeredAt: node.registeredAtMs,
    lastSeenAt: samples.lastSeenAtMs,
    metrics: samples.metrics,
    agents,
    host: capabilities.host,
    version: node.version,
  }
}

/** A person drains it, or it took its agents away to leave; what is wrong with its link is told first. */
function isLeaving({ status, hold, leaving }: Node): boolean {
  if (status !== 'online') return false
  return leaving === true || (hold !== undefined && hold.kind !== 'cordoned')
}

function holdView({ hold }: Node): Worker['hold'] {
  if (hold === undefined) return null
  const deadline = hold.kind === 'draining' ? hold.deadlineAtMs : null
  return { kind: hold.kind, by: hold.by, since: hold.sinceMs, deadline }
}

function agentStatus(node: Node, failed: boolean, currentTask: string | null): Agent['status'] {
  if (node.status === 'offline') return 'offline'
  if (failed) return 'error'
  return currentTask === null ? 'idle' : 'busy'
}

export function alertView(alert: AlertEntity): Alert {
  return {
    alertId: alert.alertId,
    level: alert.level,
    kind: alert.alertKind,
    message: alert.message,
    state: alert.state,
    priority: priorityOf(alert),
    handling: handlingView(alert),
    returnedAt: alert.returnedAtMs ?? null,
    taskId: alert.taskId,
    nodeId: alert.nodeId,
    evidence:
      alert.evidence === null
        ? null
        : { ...alert.evidence, lines: [...alert.evidence.lines], processes: [...alert.evidence.processes] },
    raisedAt: alert.raisedAtMs,
    changedAt: alert.changedAtMs,
    seq: alert.seq,
  }
}

function handlingView({ handling }: AlertEntity): Alert['handling'] {
  if (handling === undefined) return null
  return { by: handling.by, at: handling.atMs, reason: handling.reason, until: handling.untilMs }
}

export function receiptView(receipt: ReceiptEntity): Receipt {
  return {
    commandId: receipt.commandId,
    taskId: receipt.taskId,
    action: receipt.action,
    ...(receipt.agent === undefined ? {} : { agentId: receipt.agent.agentId }),
    state: receipt.state,
    steps: receipt.steps.map((step) => ({ state: step.state, at: step.atMs, detail: step.detail })),
  }
}
