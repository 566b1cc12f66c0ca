import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { effectSchema } from '../../contract/effect.js'
import { parseJson } from '../../contract/json.js'
import {
  type FenceState,
  type ProgressAnswer,
  progressLineBytesMax,
  progressReportSchema,
} from '../../contract/progress.js'
import { fromUnknown } from '../../core/errors.js'
import type { RunAsk } from '../../ports/task-host.js'

/** What a run said of itself. */
export interface ProgressReport {
  readonly fence: number
  readonly progress: number | null
  readonly text: string | null
  readonly partialJson: string | null
}

/** Who answers what runs say and ask. */
export interface ProgressHandler {
  /** Why it refuses a report, or null. */
  readonly onReport: (report: ProgressReport) => string | null
  readonly onCheck: (fence: number) => Promise<FenceState>
  /** JSON of the newest word on the effect. Rejects with ControlError only. */
  readonly onEffect: (fence: number, effect: RunEffect) => Promise<string>
}
type RunEffect = Extract<RunAsk, { kind: 'effect' }>

/** Longest path that a Unix socket may have on the systems we know (macOS), bytes. */
const socketPathBytesMax = 103
/** Reporters at the same time; further ones are turned away. */
const connectionsMax = 256
/** A reporter that says nothing for so long is cut off, ms. */
const idleMs = 60_000

/**
 * The Unix socket behind AGENTFLOW_SOCKET (contract/progress has the protocol), for this user alone.
 */
export class ProgressSocket {
  readonly path: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(dataDir: string, dataId: string, handler: ProgressHandler) {
    this.path = socketPath(dataDir, dataId)
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      serve(socket, handler)
    })
    this.#server.maxConnections = connectionsMax
  }

  async open(): Promise<void> {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    rmSync(this.path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.path, resolve)
    })
    chmodSync(this.path, 0o600)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** In the data directory; in the system's folder for temporary files when that path is too long for a socket. */
function socketPath(dataDir: string, dataId: string): string {
  const path = join(dataDir, 'run.sock')
  return Buffer.byteLength(path) <= socketPathBytesMax
    ? path
    : join(tmpdir(), `agentflow-${dataId}`, 'run.sock')
}

function serve(socket: Socket, handler: ProgressHandler): void {
  let pending = ''
  let isAnswering = false
  socket.setEncoding('utf8')
  socket.setTimeout(idleMs, () => socket.destroy())
  // A reporter that goes away while it is answered harms nobody.
  socket.on('error', () => socket.destroy())
  const takeLines = async (): Promise<void> => {
    isAnswering = true
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end)
      pending = pending.slice(end + 1)
      const answer = answerTo(line, handler)
      // What the leader has to say takes its time; until then nothing more is read.
      if (answer instanceof Promise) socket.pause()
      socket.write(`${JSON.stringify(await answer)}\n`)
      socket.resume()
    }
    isAnswering = false
    if (pending.length > progressLineBytesMax) socket.destroy()
  }
  socket.on('data', (text: string) => {
    pending += text
    if (!isAnswering) void takeLines()
  })
}

function answerTo(line: string, handler: ProgressHandler): ProgressAnswer | Promise<ProgressAnswer> {
  if (Buffer.byteLength(line) > progressLineBytesMax) return { error: 'The report is too long.' }
  const parsed = progressReportSchema.safeParse(jsonOrUndefined(line))
  if (!parsed.success) return { error: 'The report is not one that this master understands.' }
  const { fence, progress = null, text = null, partial, check, effect } = parsed.data
  if (check === true) return handler.onCheck(fence).then((state) => ({ fence: state }))
  if (effect !== undefined) return effectAnswer(handler, fence, effect)
  const partialJson = partial === undefined ? null : JSON.stringify(partial)
  const error = handler.onReport({ fence, progress, text, partialJson })
  return error === null ? { ok: true } : { error }
}

async function effectAnswer(
  handler: ProgressHandler,
  fence: number,
  { key, state, value, again }: NonNullable<z.output<typeof progressReportSchema>['effect']>,
): Promise<ProgressAnswer> {
  try {
    const valueJson = value === undefined ? null : JSON.stringify(value)
    const json = await handler.onEffect(fence, { kind: 'effect', key, state, valueJson, again })
    return { effect: effectSchema.parse(parseJson(json, 'The answer')) }
  } catch (thrown) {
    const { code, message, details } = fromUnknown(thrown)
    return { error: message, code, details: { ...details } }
  }
}

function jsonOrUndefined(line: string): unknown {
  try {
    // Bounded in depth: what a program nests is written and read again on its way.
    return parseJson(line, 'The report')
  } catch {
    return undefined
  }
}
