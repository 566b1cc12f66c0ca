import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ServerMessage } from '../src/contract/socket.js'
import type { IngestServer } from './ingest.js'

type Http = NonNullable<IngestServer['http']>

/** A wall that hears everything, and knows the newest of each thing. */
export class IngestWall {
  readonly #socket: WebSocket
  readonly #metricsAtMs = new Map<string, number>()
  readonly #phases = new Map<string, string>()
  #changed: () => void = () => undefined

  constructor({ api, ws, token }: Http) {
    this.#socket = new WebSocket(ws, { origin: api })
    this.#socket.on('open', () => this.#socket.send(JSON.stringify({ type: 'AUTH', token, frames: true })))
    this.#socket.on('message', (data) => {
      this.#take(JSON.parse(String(data)) as ServerMessage)
      this.#changed()
    })
  }

  async connected(): Promise<void> {
    await once(this.#socket, 'message')
  }

  /** Resolves when these are the newest that it has heard of; rejects when it was closed. */
  async shows(wanted: {
    readonly metricsAtMs: ReadonlyMap<string, number>
    readonly phases: ReadonlyMap<string, string>
  }): Promise<void> {
    const isThere = (): boolean =>
      [...wanted.metricsAtMs].every(([nodeId, atMs]) => this.#metricsAtMs.get(nodeId) === atMs) &&
      [...wanted.phases].every(([taskId, phase]) => this.#phases.get(taskId) === phase)
    while (!isThere()) {
      if (this.#socket.readyState !== WebSocket.OPEN) throw new Error('the wall was closed')
      await new Promise<void>((resolve) => {
        this.#changed = resolve
        this.#socket.once('close', () => resolve())
      })
    }
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'FRAME':
        for (const inner of message.messages) this.#take(inner)
        return
      case 'METRICS':
        for (const { workerId, at } of message.nodes) this.#metricsAtMs.set(workerId, at)
        return
      case 'TASK_UPDATE':
        this.#phases.set(message.task.taskId, message.task.phase)
        return
      default:
        return
    }
  }
}
