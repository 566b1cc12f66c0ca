import type { ServerMessage } from '../contract/socket.js'
import type { Leader } from '../leader/leader-options.js'
import { admin } from './leader-fixture.js'
import { utf8Text } from './utf8-text.js'

type Version = { readonly toSeq: number; readonly view: object | null }
/** What walls hear of, and under which name it has its id. */
export const idNames = {
  nodes: 'workerId',
  tasks: 'taskId',
  alerts: 'alertId',
  work: 'workId',
  limits: 'limitId',
  schedules: 'scheduleId',
  templates: 'templateId',
  triggers: 'triggerId',
} as const
export type RecordedTopic = keyof typeof idNames
const recordedTopics = Object.keys(idNames) as readonly RecordedTopic[]

/** A wall that keeps every version that it was told, with the seq up to which it then knew everything. */
export class WallRecorder {
  /** Seqs at which this wall's picture was complete. */
  readonly instants: number[] = []
  readonly #versions = new Map<RecordedTopic, Map<string, Version[]>>()
  readonly #waits: { readonly seq: number; readonly resolve: () => void }[] = []
  readonly #parts: ServerMessage[] = []
  readonly #owed = new Set<RecordedTopic>()

  /** Joins without a resume point: all pictures come anew, and count from the last of them on. */
  join(leader: Leader): void {
    for (const topic of recordedTopics) this.#owed.add(topic)
    leader.plane.openWall(
      { ...admin, via: 'ws' },
      {
        send: (bytes) => this.#receive(JSON.parse(utf8Text.decode(bytes)) as ServerMessage),
        bufferedBytes: () => 0,
        close: () => undefined,
      },
      { frames: true, resume: null },
    )
  }

  /** Resolves when its picture is complete up to this seq. */
  reached(seq: number): Promise<void> {
    if ((this.instants.at(-1) ?? 0) >= seq) return Promise.resolve()
    return new Promise((resolve) => this.#waits.push({ seq, resolve }))
  }

  /** What it held at one of its instants. */
  at(topic: RecordedTopic, seq: number): ReadonlyMap<string, object> {
    const held = new Map<string, object>()
    for (const [id, versions] of this.#versions.get(topic) ?? []) {
      const view = versions.findLast(({ toSeq }) => toSeq <= seq)?.view ?? null
      if (view !== null) held.set(id, view)
    }
    return held
  }

  #receive(message: ServerMessage): void {
    if (message.type === 'SNAPSHOT') this.#picture(message)
    if (message.type !== 'FRAME') return
    this.#parts.push(...message.messages)
    // One of several frames that are told together covers nothing yet.
    if (message.to === message.from) return
    for (const part of this.#parts.splice(0)) this.#version(part, message.to)
    if (this.#owed.size > 0) return
    this.instants.push(message.to)
    for (const { seq, resolve } of this.#waits) if (message.to >= seq) resolve()
  }

  #picture({ topic, items, seq }: Extract<ServerMessage, { type: 'SNAPSHOT' }>): void {
    const known = recordedTopics.find((one) => one === topic)
    if (known === undefined) return
    this.#owed.delete(known)
    for (const item of items) this.#keep(known, item, seq)
  }

  #version(message: ServerMessage, toSeq: number): void {
    switch (message.type) {
      case 'NODE_STATUS':
        this.#keep('nodes', message.node, toSeq)
        break
      case 'TASK_UPDATE':
        this.#keep('tasks', message.task, toSeq)
        break
      case 'WORK_UPDATE':
        this.#keep('work', message.work, toSeq)
        break
      case 'ALERT': {
        const { type: _, ...alert } = message
        this.#keep('alerts', alert, toSeq)
        break
      }
      case 'LIMIT_UPDATE':
        this.#keep('limits', message.limit, toSeq, message.removed)
        break
      case 'SCHEDULE_UPDATE':
        this.#keep('schedules', message.schedule, toSeq, message.schedule.deleted)
        break
      case 'TEMPLATE_UPDATE':
        this.#keep('templates', message.template, toSeq, message.template.deleted)
        break
      case 'TRIGGER_UPDATE':
        this.#keep('triggers', message.trigger, toSeq, message.trigger.deleted)
        break
      default:
        break
    }
  }

  #keep(topic: RecordedTopic, view: object, toSeq: number, isGone = false): void {
    const byId = this.#versions.get(topic) ?? new Map<string, Version[]>()
    this.#versions.set(topic, byId)
    const id = (view as Readonly<Record<string, string>>)[idNames[topic]] ?? ''
    const versions = byId.get(id) ?? []
    versions.push({ toSeq, view: isGone ? null : view })
    byId.set(id, versions)
  }
}
