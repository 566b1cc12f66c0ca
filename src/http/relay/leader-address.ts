import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { WebSocket } from 'ws'
import { limits } from '../../core/limits.js'

/** How a master stands to its leader. */
export interface LeaderView {
  readonly phase: string
  /** HOST:PORT that it dialled; null while it has no stream. */
  readonly address: string | null
  readonly leaderUrl: string | null
  readonly logId: string
  readonly term: number
}

/** The leader's web server as this master reaches it. */
export class LeaderAddress {
  readonly #view: () => LeaderView
  readonly #caPem: string | null
  #url: string | null = null

  constructor(view: () => LeaderView, caPem: string | null) {
    this.#view = view
    this.#caPem = caPem
  }

  get view(): LeaderView {
    return this.#view()
  }

  /** Trusted authority for its TLS; null without TLS. */
  get caPem(): string | null {
    return this.#caPem
  }

  /** The last one that was told; null: none was, or users' tokens would travel in the clear. */
  url(): string | null {
    const { phase, address, leaderUrl } = this.#view()
    if (phase === 'live' && address !== null)
      this.#url = leaderUrl === null ? null : reachedAs(leaderUrl, address)
    return this.#url
  }

  socket(url: string): WebSocket {
    return new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, {
      handshakeTimeout: limits.relayReachMs,
      maxPayload: limits.wallPictureBytesMax,
      perMessageDeflate: false,
      ...(this.#caPem === null ? {} : { ca: this.#caPem }),
    })
  }

  /** It is there again: it welcomed this master and its web server answers. Never rejects. */
  answers(): Promise<boolean> {
    const url = this.url()
    if (url === null || this.#view().phase !== 'live') return Promise.resolve(false)
    return new Promise((resolve) => {
      const ask = url.startsWith('https:') ? tlsRequest : plainRequest
      const trust = this.#caPem === null ? {} : { ca: this.#caPem }
      const asked = ask(
        `${url}/readyz`,
        { timeout: limits.relayReachMs, agent: false, ...trust },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode === 200)
        },
      )
      asked.on('timeout', () => asked.destroy())
      asked.on('error', () => resolve(false))
      asked.end()
    })
  }
}

const loopback = /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/

/** A leader that listens on every interface names itself by loopback: from elsewhere it is reached as its stream is. */
function reachedAs(leaderUrl: string, address: string): string | null {
  if (!URL.canParse(leaderUrl) || !URL.canParse(`http://${address}`)) return null
  const url = new URL(leaderUrl)
  const { hostname } = new URL(`http://${address}`)
  if (loopback.test(url.hostname) && !loopback.test(hostname)) url.hostname = hostname
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.test(url.hostname))) return null
  return url.origin
}
