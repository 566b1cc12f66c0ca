import { join } from 'node:path'
import { AgentBookFile } from '../adapters/agent-book/agent-book-file.js'
import { systemClock } from '../adapters/clock/system-clock.js'
import { createPinoLog } from '../adapters/log/pino-log.js'
import { createMachineMeter } from '../adapters/meter/machine-meter.js'
import { OutboxFile } from '../adapters/outbox/outbox-file.js'
import { nodeRandom } from '../adapters/random/node-random.js'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { programTypes } from '../contract/task.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { createMasterHttp } from '../http/master-http.js'
import { createMaster, type Master } from '../master/master.js'
import type { Log } from '../ports/log.js'
import type { TellOwnNews } from '../ports/own-news.js'
import { createLeaderDialer } from '../rpc/leader-dialer.js'
import { wardenSocketPath } from '../warden/protocol.js'
import { createWardenClient, type WardenHost } from '../warden/warden-client.js'
import { formatAddress } from './address.js'
import { installedWall } from './installed-wall.js'
import { launchWarden } from './launch-warden.js'
import type { MasterConfig, RunningMaster } from './master-config.js'
import { environmentOfTasks, type MasterData, openMasterData } from './master-data.js'
import { version } from './version.js'

/**
 * Starts a master: takes its folder, adopts what its warden holds, serves its own HTTP, and dials its
 * leaders for ever. Resolves before there is a leader. Rejects with a ControlError in one clear sentence when the folder
 * is another master's or the port is taken.
 */
export async function startMaster(config: MasterConfig): Promise<RunningMaster> {
  const log = createPinoLog({ name: config.id, level: config.logLevel, json: config.logJson })
  const data = openMasterData(config.dataDir, nodeRandom, systemClock.wallMs())
  try {
    return await run(config, data, log)
  } catch (failure) {
    data.release()
    throw failure
  }
}

async function run(config: MasterConfig, data: MasterData, log: Log): Promise<RunningMaster> {
  let master: Master | null = null
  let onRestart: () => void = () => undefined
  const restartAsked = new Promise<void>((resolve) => {
    onRestart = resolve
  })
  const wall = config.wall ? await wallOf(config, () => master) : null
  const http = createMasterHttp({
    self: {
      nodeId: config.id,
      agents: () => master?.agents() ?? [],
      status: () => master?.status() ?? {},
      callLeader: (call) =>
        master?.call(call) ?? Promise.reject(new ControlError('unavailable', 'This master is starting.')),
    },
    status: () => readiness(master),
    nowMs: () => systemClock.monotonicMs(),
    log,
    addWall: wall?.add ?? null,
  })
  const httpAddress = await addressOf(config, http)
  const host = wardenOf(config, data, log)
  try {
    master = masterOf(config, data, { log, host, httpAddress, onRestart, onNews: wall?.tell ?? null })
    await master.start()
  } catch (failure) {
    host.leave()
    await http.close()
    throw failure
  }
  const running = master
  const close = async (): Promise<void> => {
    await http.close()
    data.release()
  }
  return {
    nodeId: config.id,
    httpAddress,
    wallUrl: wall === null || httpAddress === null ? null : `http://${httpAddress}`,
    restartAsked,
    leave: () =>
      running
        .leave()
        .then(() => host.leave())
        .then(close),
    stop: () => running.stop(limits.shutdownGraceMs).then(close),
  }
}

interface Around {
  readonly log: Log
  readonly host: WardenHost
  readonly httpAddress: string | null
  readonly onRestart: () => void
  readonly onNews: TellOwnNews | null
}

function wardenOf(config: MasterConfig, data: MasterData, log: Log): WardenHost {
  const environment = environmentOfTasks(config.environment, data.path)
  return createWardenClient({
    socketPath: wardenSocketPath(data.path, data.dataId),
    dataId: data.dataId,
    environment,
    launch: () => launchWarden(config, data, environment),
    log,
  })
}

function masterOf(config: MasterConfig, data: MasterData, around: Around): Master {
  const { log, host, httpAddress, onRestart, onNews } = around
  const outbox = new OutboxFile({ path: join(data.path, 'outbox.jsonl') })
  return createMaster({
    nodeId: config.id,
    incarnation: data.incarnation,
    slots: config.slots,
    labels: config.labels,
    floors: config.floors,
    projectTypes: programTypes,
    leaders: config.leaders,
    url: httpAddress === null ? null : `http://${httpAddress}`,
    version,
    dialer: createLeaderDialer({
      joinKey: config.join.key,
      caPem: config.join.caPem,
      nodeId: config.id,
      log,
    }),
    host,
    onRenewed: (sentAtBootMs) => host.renewed(sentAtBootMs),
    onRestart,
    ...(onNews === null ? {} : { onNews }),
    outbox,
    agentBook: new AgentBookFile(join(data.path, 'agents.json')),
    meter: createMachineMeter({ folder: data.path }),
    clock: systemClock,
    random: nodeRandom,
    text: utf8Text,
    log,
  })
}

async function addressOf(
  { http: wanted }: MasterConfig,
  http: ReturnType<typeof createMasterHttp>,
): Promise<string | null> {
  if (wanted === null) return null
  return formatAddress({ host: wanted.host, port: await http.listen(wanted.host, wanted.port) })
}

/** Loaded only where it is asked for: most masters serve no wall. */
async function wallOf({ id, join }: MasterConfig, master: () => Master | null) {
  const { createOwnWall } = await import('../http/relay/own-wall.js')
  const unknown = { phase: 'idle', address: null, leaderUrl: null, logId: '', term: 0 }
  return createOwnWall({
    nodeId: id,
    agents: () => master()?.agents() ?? [],
    leaderView: () => master()?.status().link ?? unknown,
    caPem: join.caPem,
    clock: systemClock,
    wallDir: installedWall(),
  })
}

/** Ready = the leader has welcomed it and it takes work. */
function readiness(master: Master | null): { readonly ready: boolean; readonly reasons: readonly string[] } {
  const status = master?.status()
  if (status === undefined || status.link.phase !== 'live') return { ready: false, reasons: ['starting'] }
  return { ready: !status.stopping, reasons: [] }
}
