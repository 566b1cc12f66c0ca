import { WebSocket } from 'ws'
import { type Client, createClient } from '../client/index.js'
import { loadClientConfig } from '../compose/config.js'
import { version } from '../compose/version.js'
import type { ClientFlags } from './options.js'
import { trustingFetch } from './trusting-fetch.js'

/** The leader that the flags, the environment or the data directory name. */
export function connect(flags: ClientFlags): Client {
  return clientFor(loadClientConfig({ ...flags }))
}

export function clientFor(leader: { url: string; token: string; caPem: string | null }): Client {
  const { url, token, caPem } = leader
  return createClient({
    url,
    token,
    userAgent: `agentflow-cli/${version}`,
    ...(caPem === null
      ? { webSocket: WebSocket }
      : { webSocket: trustingSocket(caPem), fetch: trustingFetch(caPem) }),
  })
}

const trustingSocket = (ca: string) =>
  class extends WebSocket {
    constructor(url: string) {
      super(url, { ca })
    }
  }
