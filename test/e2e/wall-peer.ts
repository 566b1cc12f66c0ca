import { once } from 'node:events'
import { WebSocket } from 'ws'

export type Message = Readonly<Record<string, unknown>> & { readonly type: string }

/** A wall's socket in a test: keeps what it heard, waits for what is still to come. */
export class WallPeer {
  readonly heard: Message[] = []
  readonly closed: Promise<number>
  readonly #socket: WebSocket
  readonly #waiting = new Set<() => void>()

  /** `ca`: PEM of the authority that signed the leader's certificate. */
  constructor(url: string, options: { readonly origin?: string | undefined; readonly ca?: string } = {}) {
    this.#socket = new WebSocket(url, options)
    this.closed = new Promise((resolve) => this.#socket.once('close', resolve))
    this.#socket.on('error', () => undefined)
    this.#socket.on('message', (data) => {
      this.#hear(JSON.parse(String(data)) as Message)
      for (const look of this.#waiting) look()
    })
  }

  /** An authenticated socket on these topics. */
  static async open(
    { ws, token, ca }: { readonly ws: string; readonly token: string; readonly ca?: string },
    topics: readonly string[] = [],
    auth: object = {},
  ): Promise<WallPeer> {
    const peer = new WallPeer(ws, ca === undefined ? {} : { ca })
    await peer.connected()
    peer.send({ type: 'AUTH', token, ...auth })
    if (topics.length > 0) peer.send({ type: 'SUBSCRIBE', topics })
    await peer.until('AUTH_OK', ({ type }) => type === 'AUTH_OK')
    return peer
  }

  async connected(): Promise<void> {
    await once(this.#socket, 'open')
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The first message that is this one, heard already or still to come. */
  until(what: string, is: (message: Message) => boolean, limitMs = 20_000): Promise<Message> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiting.delete(look)
        const heard = this.heard.slice(-20).map((message) => JSON.stringify(message).slice(0, 200))
        reject(new Error(`the wall did not hear ${what}; it heard\n${heard.join('\n')}`))
      }, limitMs)
      const look = (): void => {
        const found = this.heard.find(is)
        if (found === undefined) return
        clearTimeout(limit)
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  close(): void {
    this.#socket.close()
  }

  #hear(message: Message): void {
    this.heard.push(message)
    if (message.type === 'FRAME') for (const inner of message.messages as Message[]) this.#hear(inner)
  }
}
