import { join } from 'node:path'
import { WebSocket } from 'ws'
import { type Client, createClient } from '../../src/client/index.js'
import { FaultProxy } from '../../src/testing/fault-proxy.js'
import { freePort } from '../e2e/fleet.js'
import { poll } from '../e2e/poll.js'
import { ChaosProcess } from './chaos-process.js'
import type { History } from './history.js'

/** A master, its link to the leader, and the folder that its warden serves. */
export interface ChaosMaster {
  readonly process: ChaosProcess
  readonly link: FaultProxy
  readonly folder: string
}

export interface ClusterOptions {
  readonly folder: string
  readonly masters: number
  readonly seed: number
  readonly history: History
}

const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : []

/** A real leader on SQLite and real masters, each behind a proxy of its own. */
export class Cluster {
  readonly leader: ChaosProcess
  readonly masters: readonly ChaosMaster[]
  readonly client: Client

  private constructor(leader: ChaosProcess, masters: readonly ChaosMaster[], client: Client) {
    this.leader = leader
    this.masters = masters
    this.client = client
  }

  static async start({ folder, masters: count, seed, history }: ClusterOptions): Promise<Cluster> {
    const [http, grpc] = [await freePort(), await freePort()]
    const part = (name: string, args: readonly string[]): ChaosProcess =>
      new ChaosProcess({
        name,
        args: [...args, '--data', folder, ...asRoot],
        logPath: join(folder, `${name}.log`),
        history,
      })
    const addresses = ['--http', `127.0.0.1:${http}`, '--grpc', `127.0.0.1:${grpc}`]
    const leader = part('leader', ['leader', '--id', 'leader-1', ...addresses])
    const ready = await leader.start()
    const masters = await Promise.all(
      Array.from({ length: count }, async (_, index): Promise<ChaosMaster> => {
        const id = `master-${index + 1}`
        const link = await FaultProxy.start(grpc, seed + index)
        const args = ['master', '--id', id, '--leader', link.address, '--http', '127.0.0.1:0']
        return { process: part(id, args), link, folder: join(folder, 'masters', id) }
      }),
    )
    const client = createClient({
      url: String(ready.api),
      token: String(ready.token),
      webSocket: WebSocket as never,
    })
    const cluster = new Cluster(leader, masters, client)
    await Promise.all(masters.map(({ process }) => process.start()))
    await cluster.allOnline()
    return cluster
  }

  /** Waits until the leader answers and every master is online. */
  async allOnline(): Promise<void> {
    await poll('every master to be online', async () => {
      const workers = await this.client.workers().catch(() => [])
      return workers.filter(({ status }) => status === 'online').length === this.masters.length || null
    })
  }

  async stop(): Promise<void> {
    for (const { link } of this.masters) link.become('pass')
    // Masters first: each ends what it runs, and its warden.
    await Promise.all(this.masters.map(({ process }) => process.end('SIGTERM')))
    await this.leader.end('SIGTERM')
    for (const { link } of this.masters) link.close()
  }
}
