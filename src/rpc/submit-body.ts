import { limits } from '../core/limits.js'
import type { Requirements, Retry, SubmitTaskRequest } from '../gen/agentflow/v1/control_pb.js'
import { count, json } from './wire-checks.js'

/** The request as REST's body, so that one schema judges both; what is empty on the wire is left out. */
export function submitBody(request: SubmitTaskRequest): Record<string, unknown> {
  return given({
    type: request.type,
    name: request.name || undefined,
    project: request.project || undefined,
    priority: request.priority || undefined,
    payload: json(request.payloadJson, limits.requestBytesMax, 'payload_json'),
    requirements: request.requirements && requirementsBody(request.requirements),
    stallAfterMs: countIfSet(request.stallAfterMs, 'stall_after_ms'),
    retry: request.retry && retryBody(request.retry),
    leaseClass: request.leaseClass || undefined,
    onDisconnect: request.onDisconnect || undefined,
    runAt: count(request.runAtMs, 'run_at_ms') || undefined,
    delayMs: count(request.delayMs, 'delay_ms') || undefined,
    dependsOn: anyOf(request.dependsOn),
    dependsMode: request.dependsMode || undefined,
    tags: anyOf(request.tags),
    concurrencyKey: request.concurrencyKey || undefined,
    capacity: request.capacity || undefined,
    queueTimeoutMs: count(request.queueTimeoutMs, 'queue_timeout_ms') || undefined,
    totalTimeoutMs: count(request.totalTimeoutMs, 'total_timeout_ms') || undefined,
  })
}

const requirementsBody = (requirements: Requirements): Record<string, unknown> =>
  given({
    accountIdx: requirements.accountIdx,
    workerId: requirements.workerId || undefined,
    timeout: countIfSet(requirements.timeoutMs, 'timeout_ms'),
    labels: Object.keys(requirements.labels).length === 0 ? undefined : requirements.labels,
    capabilities: anyOf(requirements.capabilities),
    gpus: requirements.gpus || undefined,
    slots: requirements.slots || undefined,
    memoryBytes: count(requirements.memoryBytes, 'memory_bytes') || undefined,
  })

const retryBody = (retry: Retry): Record<string, unknown> =>
  given({
    attemptsMax: retry.attemptsMax || undefined,
    on: anyOf(retry.on),
    backoffMs: count(retry.backoffMs, 'backoff_ms') || undefined,
  })

const given = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const anyOf = (list: readonly string[]): readonly string[] | undefined =>
  list.length === 0 ? undefined : list

const countIfSet = (value: bigint | undefined, what: string): number | undefined =>
  value === undefined ? undefined : count(value, what)
