import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

/** What a test does to a message of the leader before the wall gets it; null: it is kept back. */
export type Change = (message: Record<string, unknown>) => Record<string, unknown> | null

/** Stands between the wall and the real leader, so that a test can say what no leader says and cut what it holds. */
export class WallProxy {
  readonly url: string
  /** Changes every message, also those inside frames. */
  change: Change = (message) => message
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #walls = new Set<WebSocket>()

  private constructor(server: Server, api: string) {
    this.#server = server
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('no port')
    this.url = `http://127.0.0.1:${address.port}`
    this.#sockets = new WebSocketServer({ server, path: '/ws' })
    this.#sockets.on('connection', (wall) => this.#join(wall, api))
  }

  static async start(api: string): Promise<WallProxy> {
    const target = new URL(api)
    const server = createServer((incoming, outgoing) => {
      const { method, url } = incoming
      const { origin, ...rest } = incoming.headers
      // The leader takes only its own origin; to the browser this one is it.
      const headers = {
        ...rest,
        host: target.host,
        ...(origin === undefined ? {} : { origin: target.origin }),
      }
      const passed = request(
        { host: target.hostname, port: target.port, method, path: url, headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        },
      )
      passed.on('error', () => outgoing.destroy())
      incoming.pipe(passed)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new WallProxy(server, api)
  }

  /** Says something to every wall in the leader's place. */
  say(text: string): void {
    for (const wall of this.#walls) wall.send(text)
  }

  async stop(): Promise<void> {
    for (const wall of this.#walls) wall.terminate()
    this.#sockets.close()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(wall: WebSocket, api: string): void {
    const leader = new WebSocket(`${api.replace(/^http/, 'ws')}/ws`, { origin: api })
    const waiting: RawData[] = []
    this.#walls.add(wall)
    wall.on('message', (data) => {
      if (leader.readyState === WebSocket.OPEN) leader.send(String(data))
      else waiting.push(data)
    })
    leader.on('open', () => {
      for (const data of waiting.splice(0)) leader.send(String(data))
    })
    leader.on('message', (data) => {
      const changed = this.#changed(JSON.parse(String(data)) as Record<string, unknown>)
      if (changed !== null) wall.send(JSON.stringify(changed))
    })
    leader.on('error', () => wall.terminate())
    leader.on('close', (code, reason) => {
      if (code >= 4000) wall.close(code, String(reason))
      else wall.terminate()
    })
    wall.on('close', () => {
      this.#walls.delete(wall)
      leader.terminate()
    })
  }

  #changed(message: Record<string, unknown>): Record<string, unknown> | null {
    if (message.type !== 'FRAME') return this.change(message)
    const messages = (message.messages as Record<string, unknown>[]).flatMap(
      (each) => this.change(each) ?? [],
    )
    return { ...message, messages }
  }
}
