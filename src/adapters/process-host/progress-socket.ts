import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseJson } from '../../contract/json.js'
import {
  type FenceState,
  type ProgressAnswer,
  progressLineBytesMax,
  progressReportSchema,
} from '../../contract/progress.js'

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
  readonly onCheck: (fence: number) => FenceState
}

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
  socket.setEncoding('utf8')
  socket.setTimeout(idleMs, () => socket.destroy())
  // A reporter that goes away while it is answered harms nobody.
  socket.on('error', () => socket.destroy())
  socket.on('data', (text: string) => {
    pending += text
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const answer = answerTo(pending.slice(0, end), handler)
      pending = pending.slice(end + 1)
      socket.write(`${JSON.stringify(answer)}\n`)
    }
    if (pending.length > progressLineBytesMax) socket.destroy()
  })
}

function answerTo(line: string, handler: ProgressHandler): ProgressAnswer {
  if (Buffer.byteLength(line) > progressLineBytesMax) return { error: 'The report is too long.' }
  const parsed = progressReportSchema.safeParse(jsonOrUndefined(line))
  if (!parsed.success) return { error: 'The report is not one that this master understands.' }
  const { fence, progress = null, text = null, partial, check } = parsed.data
  if (check === true) return { fence: handler.onCheck(fence) }
  const partialJson = partial === undefined ? null : JSON.stringify(partial)
  const error = handler.onReport({ fence, progress, text, partialJson })
  return error === null ? { ok: true } : { error }
}

function jsonOrUndefined(line: string): unknown {
  try {
    // Bounded in depth: what a program nests is written and read again on its way.
    return parseJson(line, 'The report')
  } catch {
    return undefined
  }
}
