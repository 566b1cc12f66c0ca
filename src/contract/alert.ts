import { z } from 'zod'

/** Processes of a run, as evidence shows them. */
export const processesSchema = z.array(
  z.object({
    pid: z.number(),
    parentPid: z.number(),
    command: z.string(),
    state: z.string(),
    cpuMs: z.number(),
    memoryBytes: z.number(),
  }),
)

export const alertSchema = z.object({
  alertId: z.string(),
  level: z.enum(['error', 'warning']),
  kind: z.enum(['stall', 'offline', 'deaf', 'quarantined']),
  message: z.string(),
  state: z.enum(['raised', 'acked', 'shelved', 'cleared']),
  taskId: z.string().nullable(),
  nodeId: z.string().nullable(),
  evidence: z
    .object({
      lines: z.array(z.string()),
      processes: processesSchema,
      cpuCores: z.number(),
      waitingFor: z.string(),
    })
    .nullable(),
  raisedAt: z.number(),
  changedAt: z.number(),
  seq: z.number(),
})
export type Alert = z.infer<typeof alertSchema>
