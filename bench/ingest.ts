import { readFileSync } from 'node:fs'
import { type Child, startChild } from './child.js'
import { startLeader } from './cluster.js'
import { alternate, type Bench, type Measurement, type Row, roundsOf, rowOf } from './harness.js'
import { cpuMs } from './machine.js'

export const streams = 100
export const updatesPerMessage = 32

/** Where the driver finds a server; the reference has no HTTP. */
export interface IngestServer {
  readonly grpc: string
  readonly joinKey: string
  readonly http: { readonly api: string; readonly ws: string; readonly token: string } | null
}

export type IngestKind = 'samples' | 'events'

/** What the driver is asked to do; it answers each with an Answer. */
export type DriverRequest =
  | { readonly do: 'join'; readonly server: IngestServer }
  | { readonly do: 'encode'; readonly kind: IngestKind; readonly messages: number; readonly seed: number }
  | { readonly do: 'send' }
  | { readonly do: 'verify' }
export interface DriverAnswer {
  readonly error: string | null
}

/** A server under load and the process that loads it. */
interface Side {
  readonly pid: number
  readonly driver: Child
  stop(): Promise<void>
}

interface Round {
  /** Updates per second of the server's CPU, and per second. */
  readonly perCpuS: number
  readonly perS: number
}

/**
 * The whole leader against a bare grpc-js server that decodes by the same codec: 100 streams of pre-encoded messages
 * from another process. A round ends when the last update is answered for: samples by the pong behind them, events by
 * the ack of their commit. After each of our rounds every last value must stand in the leader's answers, and a
 * malformed update at a seeded place of one more stream must have ended that stream alone.
 */
export const bench: Bench = async (options) => {
  const sides: Side[] = []
  const started = async (side: Promise<Side>): Promise<Side> => {
    sides.push(await side)
    return side
  }
  try {
    const ours = await started(startOurs())
    const reference = await started(startReference())
    const rows: Row[] = []
    for (const kind of ['samples', 'events'] as const) {
      const messages = options.quick ? 10 : { samples: 100, events: 30 }[kind]
      // Both warm: the compilers have seen the path before it is measured.
      for (const side of [ours, reference]) await measure(side, { kind, messages: 10, seed: 0 })
      const rounds: { ours: Round[]; reference: Round[] } = { ours: [], reference: [] }
      let seed = 0
      const measured = await alternate(roundsOf(options), {
        ours: async () => perCpuS(rounds.ours, await measure(ours, { kind, messages, seed: ++seed })),
        reference: async () => perCpuS(rounds.reference, await measure(reference, { kind, messages, seed })),
      })
      rows.push(...rowsOf(kind, messages, measured, rounds))
    }
    return rows
  } finally {
    for (const side of sides) await side.stop()
  }
}

function perCpuS(rounds: Round[], round: Round): number {
  rounds.push(round)
  return round.perCpuS
}

function rowsOf(
  kind: IngestKind,
  messages: number,
  measured: readonly Measurement[],
  rounds: { readonly ours: readonly Round[]; readonly reference: readonly Round[] },
): readonly Row[] {
  const perSecond = rounds.ours.map((round, index) => ({
    ours: round.perS,
    reference: rounds.reference[index]?.perS ?? null,
  }))
  const description = {
    better: 'higher',
    fsync: kind === 'events' ? 'each-commit' : 'none',
    note: `${streams} streams × ${messages} messages × ${updatesPerMessage} updates a round; leader with one wall ÷ bare grpc-js, same codec`,
  } as const
  const bar = kind === 'events' ? 0.25 : 0.6
  return [
    rowOf({ ...description, name: `ingest.${kind}`, unit: 'updates/CPU-s', bar }, measured),
    rowOf({ ...description, name: `ingest.${kind}.per-second`, unit: 'updates/s', bar: null }, perSecond),
  ]
}

async function startOurs(): Promise<Side> {
  const leader = await startLeader()
  const { api, ws, token, grpc, joinFile, pid } = leader.ready
  const { key } = JSON.parse(readFileSync(joinFile, 'utf8')) as { readonly key: string }
  return joined({ grpc, joinKey: key, http: { api, ws, token } }, pid, () => leader.stop())
}

async function startReference(): Promise<Side> {
  const server = startChild('ingest-reference.js')
  return joined(await server.ask<IngestServer>({}), server.pid, async () => server.end())
}

async function joined(server: IngestServer, pid: number, stopServer: () => Promise<void>): Promise<Side> {
  const driver = startChild('ingest-driver.js')
  const stop = (): Promise<void> => {
    driver.end()
    return stopServer()
  }
  try {
    await ask(driver, { do: 'join', server })
    return { pid, driver, stop }
  } catch (failure) {
    await stop()
    throw failure
  }
}

async function measure(
  { pid, driver }: Side,
  load: { readonly kind: IngestKind; readonly messages: number; readonly seed: number },
): Promise<Round> {
  await ask(driver, { do: 'encode', ...load })
  const before = { cpu: cpuMs(pid), at: performance.now() }
  await ask(driver, { do: 'send' })
  const cpuS = (cpuMs(pid) - before.cpu) / 1_000
  const elapsedS = (performance.now() - before.at) / 1_000
  await ask(driver, { do: 'verify' })
  const updates = streams * load.messages * updatesPerMessage
  return { perCpuS: updates / cpuS, perS: updates / elapsedS }
}

async function ask(driver: Child, request: DriverRequest): Promise<void> {
  const { error } = await driver.ask<DriverAnswer>(request)
  if (error !== null) throw new Error(error)
}
