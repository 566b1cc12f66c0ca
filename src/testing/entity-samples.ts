import type { Credential } from '../core/access/access.js'
import type { Alert } from '../core/alerts/alert.js'
import type { Cluster } from '../core/cluster/events.js'
import {
  agentIdOf,
  asAlertId,
  asCommandId,
  asTaskId,
  credentialIdOf,
  fenceOf,
  idAt,
  nodeIdOf,
  projectIdOf,
  seqOf,
} from '../core/ids.js'
import type { Node, Uplink } from '../core/nodes/node.js'
import type { Receipt, ReceiptState } from '../core/receipts/receipt.js'
import type { FinalPhase, Task, TaskState } from '../core/tasks/task.js'
import { plainTerms } from '../core/tasks/terms.js'

/** Entities with plausible contents, for tests that do not care about most of them. */

export const sampleCluster = (seq: number, retiredThroughSeq = 0): Cluster => ({
  kind: 'cluster',
  leaderId: 'leader-1',
  term: 1,
  retiredThroughSeq,
  retired: { completed: 0, failed: 0, cancelled: 0 },
  seq: seqOf(seq),
})

export interface SampleTask {
  readonly name?: string
  readonly project?: string
  readonly nodeId?: string
  /** null = queued. */
  readonly outcome?: FinalPhase | null
  readonly idempotencyKey?: string | null
  readonly tags?: readonly string[]
  readonly clientId?: string
  readonly createdAtMs?: number
  readonly completedAtMs?: number
}

/** Task born at `bornSeq`, last changed at `seq`. */
export function sampleTask(bornSeq: number, seq: number, about: SampleTask = {}): Task {
  const { outcome = null, createdAtMs = bornSeq * 1_000, completedAtMs = seq * 1_000 } = about
  const state: TaskState =
    outcome === null
      ? { phase: 'queued', attempt: 1 }
      : { phase: 'final', attempt: 1, outcome, completedAtMs }
  const { nodeId = 'm1' } = about
  const end = {
    outcome: 'succeeded',
    exitCode: 0,
    signal: null,
    value: null,
    tail: '',
    message: null,
    outBytes: 0,
    errBytes: 0,
    progress: null,
  } as const
  const run = {
    attempt: 1,
    fence: fenceOf(bornSeq + 1),
    nodeId: nodeIdOf(nodeId),
    agentId: agentIdOf(`${nodeId}/p1`),
    assignedAtMs: createdAtMs,
    startedAtMs: createdAtMs,
    endedAtMs: completedAtMs,
    end,
  }
  return {
    kind: 'task',
    taskId: asTaskId(idAt('task', bornSeq) ?? ''),
    projectId: projectIdOf(about.project ?? 'default'),
    spec: {
      type: 'command',
      name: about.name ?? `task ${bornSeq}`,
      priority: 5,
      payload: { command: ['true'] },
      requirements: { accountIdx: null, workerId: null, timeout: 0 },
      stallAfterMs: 0,
      retry: { attemptsMax: 1, on: [], backoffMs: 1_000 },
      leaseClass: 'steady',
      onDisconnect: 'keep',
      idempotencyKey: about.idempotencyKey ?? null,
      ...(about.tags === undefined ? {} : { queue: { ...plainTerms, tags: about.tags } }),
    },
    bodyHash: 'hash',
    clientId: about.clientId ?? 'ann',
    traceId: 'trace',
    createdAtMs,
    seq: seqOf(seq),
    state,
    past: outcome === null ? [] : [run],
    cancelledBy: null,
  }
}

export const sampleNode = (nodeId: string, seq: number): Node => ({
  kind: 'node',
  nodeId: nodeIdOf(nodeId),
  incarnation: 1,
  version: '0.1.0',
  url: null,
  capabilities: {
    os: 'linux',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 1024,
    gpus: [],
    labels: {},
    projectTypes: ['command'],
    slots: 2,
    host: 'host',
  },
  agents: [],
  status: 'online',
  statusSinceMs: 1_000,
  registeredAtMs: 1_000,
  seq: seqOf(seq),
})

export const sampleUplink = (nodeId: string, seq: number): Uplink => ({
  kind: 'uplink',
  nodeId: nodeIdOf(nodeId),
  incarnations: [{ incarnation: 1, seq: 7 }],
  seq: seqOf(seq),
})

export const sampleAlert = (bornSeq: number, seq: number, state: Alert['state']): Alert => ({
  kind: 'alert',
  alertId: asAlertId(idAt('alert', bornSeq) ?? ''),
  alertKind: 'offline',
  level: 'error',
  message: 'm1 is offline',
  state,
  projectId: null,
  taskId: null,
  nodeId: nodeIdOf('m1'),
  evidence: null,
  raisedAtMs: 1_000,
  changedAtMs: 1_000,
  seq: seqOf(seq),
})

export const sampleReceipt = (bornSeq: number, seq: number, state: ReceiptState): Receipt => ({
  kind: 'receipt',
  commandId: asCommandId(idAt('receipt', bornSeq) ?? ''),
  projectId: projectIdOf('default'),
  taskId: asTaskId('t1'),
  action: 'cancel',
  fence: null,
  attempt: 1,
  nodeId: null,
  state,
  steps: [{ state: 'sent', atMs: 1_000, detail: '' }],
  expiresAtMs: null,
  seq: seqOf(seq),
})

export const sampleCredential = (bornSeq: number, seq: number, revoked: boolean): Credential => ({
  kind: 'credential',
  credentialId: credentialIdOf(idAt('credential', bornSeq) ?? ''),
  credentialKind: 'token',
  hash: `hash-${bornSeq}`,
  userId: 'admin',
  role: 'admin',
  createdAtMs: 1_000,
  expiresAtMs: null,
  revoked,
  seq: seqOf(seq),
})
