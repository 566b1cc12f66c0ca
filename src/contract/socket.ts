import { z } from 'zod'
import type { ErrorBody } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Alert } from './alert.js'
import type { LimitRule } from './limit.js'
import type { Line } from './line.js'
import type { Schedule } from './schedule.js'
import { type Receipt, type Task, taskActions } from './task.js'
import type { Template } from './template.js'
import type { Trigger } from './trigger.js'
import type { Work } from './work.js'
import type { Metrics, Worker } from './worker.js'

const id = z.string().min(1).max(200)

/** nodes tasks tasks:ID work work:ID logs logs:TASKID alerts limits schedules templates triggers chat:PROJECT:MASTER */
export const topicSchema = z
  .string()
  .max(200)
  .regex(
    /^(nodes|tasks(:[\w.-]+)?|work(:[\w.-]+)?|logs(:[\w.-]+)?|alerts|limits|schedules|templates|triggers|chat:[^:]+:[^:]+)$/,
    'not a topic',
  )
const topics = z.array(topicSchema).min(1).max(limits.wallTopicsMax)

/** Client → server. The first message is AUTH, within 5 s. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('AUTH'),
    token: z.string().max(500),
    frames: z.boolean().optional(),
    resume: z.strictObject({ logId: z.string(), seq: z.number().int().min(0) }).optional(),
  }),
  z.strictObject({ type: z.literal('SUBSCRIBE'), topics }),
  z.strictObject({ type: z.literal('UNSUBSCRIBE'), topics }),
  z.strictObject({ type: z.literal('ACK'), seq: z.number().int().min(0) }),
  z.strictObject({
    type: z.literal('CHAT'),
    text: z.string().min(1).max(limits.chatTextLengthMax),
    targetContext: z.string().regex(/^[^:]+:[^:]+$/, 'PROJECT:MASTER, PROJECT:* or *:*'),
    conversationId: id.optional(),
    requestId: id.optional(),
  }),
  z.strictObject({
    type: z.literal('COMMAND'),
    requestId: id,
    action: z.enum(taskActions),
    taskId: id,
    timeoutMs: z.number().int().min(0).max(limits.commandTimeoutMsMax).optional(),
  }),
])
export type ClientMessage = z.infer<typeof clientMessageSchema>

type TopicItems =
  | Worker
  | Task
  | Alert
  | Work
  | Line
  | ChatResponse
  | Schedule
  | Template
  | Trigger
  | LimitRule

export interface ChatResponse {
  readonly type: 'CHAT_RESPONSE'
  readonly text: string
  readonly conversationId: string
  readonly messageId: string
  readonly requestId?: string
  /** PROJECT:MASTER of the conversation. */
  readonly targetContext: string
  readonly author: string
  readonly role: 'user' | 'assistant'
  readonly at: number
  /** True: a piece of the text. */
  readonly delta: boolean
  /** True: `text` is the whole text. */
  readonly done: boolean
}

/** Server → client. */
export type ServerMessage =
  | {
      readonly type: 'AUTH_OK'
      readonly logId: string
      readonly term: number
      readonly seq: number
      readonly user: string
      readonly role: string
      /** When this sign-in ends, Unix ms. Absent: it does not end by itself. */
      readonly expiresAt?: number
      /** Said by a master whose leader is gone: all that it knows by itself. Absent: the leader answers. */
      readonly local?: {
        readonly workerId: string
        /** When it heard of the leader last, Unix ms. */
        readonly since: number
      }
    }
  | {
      readonly type: 'SNAPSHOT'
      readonly topic: string
      readonly logId: string
      readonly term: number
      readonly seq: number
      readonly items: readonly TopicItems[]
      /** How many there are; more than items when the picture was cut. */
      readonly total?: number
      /** Only what changed since the resume point: the wall keeps the rest. */
      readonly resumed?: true
    }
  | { readonly type: 'NODE_STATUS'; readonly node: Worker; readonly seq: number }
  | {
      readonly type: 'METRICS'
      readonly nodes: readonly ({ readonly workerId: string; readonly rttMs: number | null } & Metrics)[]
    }
  | { readonly type: 'TASK_UPDATE'; readonly task: Task; readonly seq: number }
  /** `removed`: its last version. */
  | {
      readonly type: 'LIMIT_UPDATE'
      readonly limit: LimitRule
      readonly removed?: true
      readonly seq: number
    }
  | { readonly type: 'WORK_UPDATE'; readonly work: Work; readonly seq: number }
  /** `deleted`: its last version. */
  | { readonly type: 'SCHEDULE_UPDATE'; readonly schedule: Schedule; readonly seq: number }
  | { readonly type: 'TEMPLATE_UPDATE'; readonly template: Template; readonly seq: number }
  | { readonly type: 'TRIGGER_UPDATE'; readonly trigger: Trigger; readonly seq: number }
  | { readonly type: 'LOG'; readonly lines: readonly Line[] }
  | { readonly type: 'RECEIPT'; readonly requestId?: string; readonly receipt: Receipt }
  | ({ readonly type: 'ALERT' } & Alert)
  | ChatResponse
  | ({ readonly type: 'ERROR'; readonly requestId?: string } & ErrorBody)
  | {
      readonly type: 'FRAME'
      readonly from: number
      readonly to: number
      readonly messages: readonly ServerMessage[]
    }

/** Close codes of the socket. */
export const closeCodes = {
  malformed: 4400,
  notAuthenticated: 4401,
  forbidden: 4403,
  tooSlow: 4408,
  tooLarge: 4413,
  leaderLeaves: 1012,
} as const
