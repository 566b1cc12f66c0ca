import type { z } from 'zod'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'

/** What a call says beside its arguments. */
export interface ToolOptions {
  /** A command answers at its receipt's final state, or after this many ms; 0 = at once. */
  readonly waitMs: number
  /** Of a submit; null = none. */
  readonly idempotencyKey: string | null
}

/** One thing that a caller may ask for by name: a command of the catalogue, or a read. */
export interface Tool<Args extends z.ZodObject = z.ZodObject> {
  readonly summary: string
  /** What authorisation asks about. */
  readonly action: 'read' | 'execute' | 'write' | 'configure'
  readonly resource: string
  readonly schema: Args
  /** Shape of the answer. */
  readonly result: z.ZodType
  /** JSON of the answer. Rejects with ControlError only. `args` went through `schema`. */
  run(plane: ControlPlane, caller: Caller, args: z.output<Args>, options: ToolOptions): Promise<JsonBytes>
}

export const tool = <Args extends z.ZodObject>(definition: Tool<Args>): Tool<Args> => definition
