import { z } from 'zod'

/** POST /rpc/:tool; `args` absent = none. */
export const toolCallSchema = z.strictObject({ args: z.record(z.string(), z.unknown()).optional() })
export const toolResultSchema = z.object({ result: z.unknown() })

export const toolDescriptionSchema = z.object({
  name: z.string(),
  summary: z.string(),
  /** What the caller's role must allow. */
  action: z.enum(['read', 'execute', 'write', 'configure']),
  resource: z.string(),
  args: z.record(z.string(), z.unknown()).describe('JSON schema'),
})
export type ToolDescription = z.infer<typeof toolDescriptionSchema>
export const toolListSchema = z.object({ tools: z.array(toolDescriptionSchema) })
