declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Position in the journal, gapless from 1 over all terms; 0 = before the first event. */
export type Seq = Branded<number, 'Seq'>
/** Number of a leadership; rises with each take-over. */
export type Term = Branded<number, 'Term'>
/** Identifies one run: the seq of the event that assigned it. */
export type Fence = Branded<number, 'Fence'>

export type TaskId = Branded<string, 'TaskId'>
export type NodeId = Branded<string, 'NodeId'>
export type AgentId = Branded<string, 'AgentId'>
export type CommandId = Branded<string, 'CommandId'>
export type AlertId = Branded<string, 'AlertId'>
export type CredentialId = Branded<string, 'CredentialId'>
export type WorkId = Branded<string, 'WorkId'>
export type ProjectId = Branded<string, 'ProjectId'>
export type ScheduleId = Branded<string, 'ScheduleId'>
export type TemplateId = Branded<string, 'TemplateId'>
export type TriggerId = Branded<string, 'TriggerId'>

export const seqOf = (value: number): Seq => value as Seq
export const termOf = (value: number): Term => value as Term
export const fenceOf = (value: number): Fence => value as Fence
export const nodeIdOf = (value: string): NodeId => value as NodeId
export const agentIdOf = (value: string): AgentId => value as AgentId
export const projectIdOf = (value: string): ProjectId => value as ProjectId
export const asTaskId = (value: string): TaskId => value as TaskId
export const asCommandId = (value: string): CommandId => value as CommandId
export const asWorkId = (value: string): WorkId => value as WorkId
export const asAlertId = (value: string): AlertId => value as AlertId
export const credentialIdOf = (value: string): CredentialId => value as CredentialId
export const scheduleIdOf = (value: string): ScheduleId => value as ScheduleId
export const templateIdOf = (value: string): TemplateId => value as TemplateId
export const triggerIdOf = (value: string): TriggerId => value as TriggerId

/** Value of the limit that every concurrency key without one of its own has. */
export const everyKey = '*'
export const limitIdOf = (scope: string, value: string): string => `${scope}:${value}`

/** Seq at which an id made by the functions above was born; NaN for anything else. */
export function bornAt(id: string): number {
  if (id.length < 2 || id.length > 12 || !'tcakwsmg'.includes(id.charAt(0))) return Number.NaN
  let seq = 0
  for (let position = 1; position < id.length; position += 1) {
    const code = id.charCodeAt(position)
    const isDigit = code >= 48 && code <= 57
    if (!isDigit && (code < 97 || code > 118)) return Number.NaN
    seq = seq * 32 + (isDigit ? code - 48 : code - 87)
  }
  return seq
}

const idPrefixes: Readonly<Record<string, string>> = {
  task: 't',
  receipt: 'c',
  alert: 'a',
  credential: 'k',
  work: 'w',
  schedule: 's',
  template: 'm',
  trigger: 'g',
}

/**
 * The id of an entity of this kind that is born by the event at `seq` (a letter and the seq in base 32, so ids need no
 * randomness); null for kinds that bring their own id.
 */
export function idAt(kind: string, seq: number): string | null {
  const prefix = idPrefixes[kind]
  return prefix === undefined ? null : prefix + seq.toString(32)
}
