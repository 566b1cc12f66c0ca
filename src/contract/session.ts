import { z } from 'zod'

export const loginSchema = z.strictObject({ code: z.string().min(1).max(200) })
export const loginResultSchema = z.object({ token: z.string(), expiresAt: z.number() })
export type LoginResult = z.infer<typeof loginResultSchema>

export const statsSchema = z.object({
  term: z.number(),
  seq: z.number(),
  logId: z.string(),
  clusterId: z.string(),
  leaderId: z.string(),
  grpc: z.string(),
  joinFile: z.string().describe("Path of the file that masters join with, on the leader's machine"),
  workers: z.record(z.string(), z.number()).describe('Count by status, and total'),
  agents: z.record(z.string(), z.number()).describe('Count by status, and total'),
  tasks: z.object({
    pending: z.number(),
    running: z.number(),
    completed: z.number(),
    failed: z.number(),
    cancelled: z.number(),
  }),
  durability: z.enum(['each-commit', 'degraded']),
  version: z.string(),
})
export type Stats = z.infer<typeof statsSchema>

export const readySchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.enum(['deaf', 'not_leader', 'not_durable', 'disk_full', 'starting'])),
})
export type Ready = z.infer<typeof readySchema>
