import type { ProjectId, Seq, TemplateId } from '../ids.js'
import type { JsonObject } from '../json.js'
import type { ParameterValue } from './planned-task.js'

export interface Parameter {
  readonly type: 'string' | 'number' | 'boolean'
  /** Without it and without a default, a placeholder of it stands for an empty text, 0 or false. */
  readonly required: boolean
  readonly default: ParameterValue | null
  /** Nothing but one of these. */
  readonly enum: readonly ParameterValue[] | null
  readonly description: string
}

export interface TemplateDefinition {
  /** Unique among the templates of its project. */
  readonly name: string
  readonly projectId: ProjectId
  readonly description: string
  readonly parameters: Readonly<Record<string, Parameter>>
  /** A submit's body with placeholders, `${name}`, in its texts. */
  readonly task: JsonObject
}

/** A task with blanks. Tasks made from it keep what they were made with, whatever becomes of it. */
export interface Template {
  readonly kind: 'template'
  readonly templateId: TemplateId
  readonly projectId: ProjectId
  readonly definition: TemplateDefinition
  /** 1, and one more with each change. */
  readonly version: number
  readonly deleted: boolean
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly seq: Seq
}
