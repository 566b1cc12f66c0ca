import { z } from 'zod'

export const agentKinds = ['process', 'function', 'browser', 'claude', 'acp', 'mcp', 'service'] as const
export const agentStatuses = ['idle', 'busy', 'error', 'offline'] as const

export const agentSchema = z.object({
  agentId: z.string(),
  workerId: z.string(),
  kind: z.enum(agentKinds),
  windowId: z.string().nullable(),
  accountIdx: z.number().nullable(),
  status: z.enum(agentStatuses),
  currentTask: z.string().nullable(),
  createdAt: z.number(),
})
export type Agent = z.infer<typeof agentSchema>

export const metricsSchema = z.object({
  cpu: z.number(),
  memory: z.number(),
  disk: z.number(),
  networkRxBytesPerS: z.number(),
  networkTxBytesPerS: z.number(),
  at: z.number(),
})
export type Metrics = z.infer<typeof metricsSchema>

const holdSchema = z.object({
  kind: z.enum(['cordoned', 'draining', 'drained']),
  by: z.string(),
  since: z.number(),
  /** Of a drain: from then on what still runs is moved; null = it is waited for. */
  deadline: z.number().nullable(),
})

/** A master, in REST's word. */
export const workerSchema = z.object({
  workerId: z.string(),
  url: z.string().nullable(),
  status: z.enum(['online', 'deaf', 'unknown', 'offline', 'draining']),
  /** It may get new work. */
  schedulable: z.boolean(),
  /** Who took it out, and how far that is; null = nobody did. */
  hold: holdSchema.nullable(),
  os: z.string(),
  arch: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  gpus: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  projectTypes: z.array(z.string()),
  maxAgents: z.number(),
  busyAgents: z.number(),
  rttMs: z.number().nullable(),
  registeredAt: z.number(),
  lastSeenAt: z.number(),
  metrics: metricsSchema.nullable(),
  agents: z.array(agentSchema),
  host: z.string(),
  version: z.string(),
})
export type Worker = z.infer<typeof workerSchema>
