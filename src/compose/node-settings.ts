import { z } from 'zod'
import { type Layers, type LogLevel, resolveSettings, setting } from './settings.js'

export const nodeIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use letters, digits, ".", "_" and "-", at most 63')

/** A repeated flag, a list in a file, or text with commas. */
export const textList: z.ZodType<readonly string[]> = z.union([
  z.array(z.string().min(1)),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
])

export const yesOrNo = z.union([z.boolean(), z.stringbool()], { error: 'use true or false' })

export const nodeSettings = {
  logLevel: setting<LogLevel>(
    'log-level',
    'AGENTFLOW_LOG_LEVEL',
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'use debug, info, warn, error or silent' }),
    'info',
  ),
  logJson: setting<boolean>('log-json', 'AGENTFLOW_LOG_JSON', yesOrNo, false),
}

export const dataSettings = { data: setting('data', 'AGENTFLOW_DATA', z.string().min(1), '.agentflow') }

/** --data | AGENTFLOW_DATA | ./.agentflow */
export const dataDirOf = ({ flags, environment }: Layers): string =>
  resolveSettings(dataSettings, { flags, environment, file: null }).values.data
