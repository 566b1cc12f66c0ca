import { timingSafeEqual } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { AlertWebhook } from '../adapters/alert-webhook/alert-webhook.js'
import { CronerCalendar } from '../adapters/calendar/croner-calendar.js'
import { systemClock } from '../adapters/clock/system-clock.js'
import { CelConditions } from '../adapters/conditions/cel-conditions.js'
import { CrashNotesFile } from '../adapters/crash-notes/crash-notes-file.js'
import { createPinoLog } from '../adapters/log/pino-log.js'
import { nodeRandom } from '../adapters/random/node-random.js'
import { openSqliteStore } from '../adapters/store-sqlite/open-store.js'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { ensureCertificates } from '../adapters/tls/ensure-certificates.js'
import { loadCertificates } from '../adapters/tls/load-certificates.js'
import { parseJson } from '../contract/json.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { createHttpServer } from '../http/server.js'
import { createLeader } from '../leader/leader.js'
import type { Leader, LeaderOptions } from '../leader/leader-options.js'
import { Operator } from '../operator/operator.js'
import type { Certificates } from '../ports/certificates.js'
import type { Log } from '../ports/log.js'
import { connectPlugin } from '../rpc/control-connect.js'
import { createGrpcServer } from '../rpc/grpc-server.js'
import { callTool } from '../tools/registry.js'
import { type Address, formatAddress } from './address.js'
import { dataPaths, type JoinFile, openDataDir, writeSecretFile } from './data-dir.js'
import type { LeaderConfig, RunningLeader } from './leader-config.js'
import { type LeaderSecrets, leaderSecrets } from './leader-secrets.js'
import { version } from './version.js'

/**
 * Starts a leader on the embedded store: opens the data directory, takes over the log, then listens. Rejects with a
 * ControlError in one clear sentence when a port is taken or the data directory cannot be used. `onFatal` is called
 * when the process must end.
 */
export async function startLeader(
  config: LeaderConfig,
  onFatal: (reason: string) => void,
): Promise<RunningLeader> {
  // Without this V8 learns from the first burst of registers that what the decoder makes lives long, and from then on
  // puts every sample straight into old space: a third of what a leader can take (bench:ingest).
  setFlagsFromString('--no-allocation-site-pretenuring')
  const log = createPinoLog({ name: config.id, level: config.logLevel, json: config.logJson })
  const dataDir = openDataDir(config.dataDir)
  const secrets = leaderSecrets(dataDir, nodeRandom)
  const tls = await certificatesOf(config, dataDir)
  const store = await openSqliteStore({ dataDir, log })
  try {
    return await lead({ config, dataDir, secrets, tls, store, log, onFatal })
  } catch (failure) {
    await store.close()
    throw failure
  }
}

interface Parts {
  readonly config: LeaderConfig
  readonly dataDir: string
  readonly secrets: LeaderSecrets
  readonly tls: Certificates | null
  readonly store: Awaited<ReturnType<typeof openSqliteStore>>
  readonly log: Log
  readonly onFatal: (reason: string) => void
}

async function lead(parts: Parts): Promise<RunningLeader> {
  const { config, secrets, tls, store, log } = parts
  let grpcAddress = ''
  // A master may join before the port is taken; one that is chosen is known from the start.
  let httpPort = config.http.port
  let webhook: AlertWebhook | null = null
  const leader = await makeLeader(parts, {
    grpcAddress: () => grpcAddress,
    httpUrl: () => (httpPort === 0 ? null : urlOf(parts, httpPort)),
    alertDelivery: () => webhook?.delivery() ?? { webhook: null },
  })
  const grpc = createGrpcServer({
    gateway: leader.gateway,
    plane: leader.plane,
    authenticateNode: (key) => isSame(key, secrets.joinKey),
    tls,
    log,
  })
  const http = createHttpServer({
    plane: leader.plane,
    log,
    wallDir: config.wallDir,
    allowedHosts: config.allowedHosts,
    corsOrigins: config.corsOrigins,
    tls: tls === null ? null : { cert: tls.certPem, key: tls.keyPem },
    connectPlugin: connectPlugin({ plane: leader.plane }),
  })
  webhook = webhookOf(parts, leader)
  const stop = async (): Promise<void> => {
    webhook?.stop()
    await leader.stop()
    await Promise.all([http.close(), grpc.close(limits.shutdownGraceMs)])
    await store.close()
  }
  try {
    grpcAddress = reachable({
      host: config.grpc.host,
      port: await grpc.listen(config.grpc.host, config.grpc.port),
    })
    webhook?.start()
    httpPort = await http.listen(config.http.host, config.http.port)
    return await announce(parts, leader, { grpcAddress, httpPort, stop })
  } catch (failure) {
    await stop().catch((later: unknown) =>
      log.debug('closing after a failed start failed too', { error: later }),
    )
    throw failure
  }
}

async function makeLeader(
  parts: Parts,
  told: Required<Pick<LeaderOptions, 'grpcAddress' | 'httpUrl' | 'alertDelivery'>>,
): Promise<Leader> {
  const { config, dataDir, store, log, onFatal } = parts
  let operator: Operator | null = null
  const leader = await createLeader({
    leaderId: config.id,
    version,
    journal: store.journal,
    views: store.views,
    streams: store.streams,
    workBodies: store.workBodies,
    replays: store.replays,
    clock: systemClock,
    calendar: new CronerCalendar(),
    conditions: new CelConditions(),
    random: nodeRandom,
    text: utf8Text,
    log,
    crashNotes: new CrashNotesFile(dataPaths(dataDir).crashNotes, log),
    ...told,
    joinFile: dataPaths(dataDir).joinFile,
    callTool: (plane, caller, { tool, argsJson, waitMs, idempotencyKey }) =>
      callTool(plane, caller, tool, argsJson === '' ? {} : parseJson(argsJson, 'args'), {
        waitMs,
        idempotencyKey,
      }),
    ask: (caller, message) => {
      operator
        ?.ask(caller, message)
        .catch((failure: unknown) => log.error('a chat turn was not kept', { error: failure }))
    },
    onFatal: (reason, cause) => {
      log.error(`the leader ends: ${reason}`, cause === undefined ? {} : { error: cause })
      onFatal(reason)
    },
  })
  operator = new Operator({
    plane: leader.plane,
    streams: store.streams,
    clock: systemClock,
    random: nodeRandom,
    say: (record) => leader.say(record),
  })
  return leader
}

function webhookOf({ config, dataDir, log }: Parts, { plane }: Leader): AlertWebhook | null {
  const { alertWebhook: url, alertWebhookSecret: secret } = config
  if (url === null) return null
  return new AlertWebhook({ plane, url, secret, cursorPath: dataPaths(dataDir).alertWebhook, log })
}

/** Writes the files that clients and masters start from, and says where everything is. */
async function announce(
  parts: Parts,
  leader: Leader,
  at: { readonly grpcAddress: string; readonly httpPort: number; readonly stop: () => Promise<void> },
): Promise<RunningLeader> {
  const { config, dataDir, secrets, tls } = parts
  await leader.logins.ensureAdmin(secrets.token)
  const loginCode = await leader.logins.issueLoginCode()
  const paths = dataPaths(dataDir)
  const httpUrl = urlOf(parts, at.httpPort)
  const caPem = tls?.caPem ?? null
  writeSecretFile(paths.clientFile, {
    url: httpUrl,
    token: secrets.token,
    caPem,
    grpc: at.grpcAddress,
  })
  const join: JoinFile = {
    clusterId: leader.clusterId,
    leaders: [at.grpcAddress],
    key: secrets.joinKey,
    caPem,
  }
  writeSecretFile(paths.joinFile, join)
  if (config.joinFileCopy !== null) copyJoinFile(config.joinFileCopy, join)
  return {
    leaderId: config.id,
    term: leader.term,
    httpUrl,
    wsUrl: `${httpUrl.replace('http', 'ws')}/ws`,
    grpcAddress: at.grpcAddress,
    token: secrets.token,
    loginCode,
    joinFile: paths.joinFile,
    caPem,
    stop: at.stop,
  }
}

function copyJoinFile(path: string, join: JoinFile): void {
  try {
    writeSecretFile(path, join)
  } catch (cause) {
    throw new ControlError(
      'invalid_configuration',
      `The join file cannot be written to ${path}; choose another place with --write-join-file.`,
      { cause },
    )
  }
}

function certificatesOf(config: LeaderConfig, dataDir: string): Promise<Certificates | null> {
  if (config.tls === 'off') return Promise.resolve(null)
  if (config.tls !== 'auto') return loadCertificates(config.tls.dir)
  const names = [
    config.http.host,
    config.grpc.host,
    ...config.allowedHosts.map((host) => host.replace(/:\d+$/, '')),
  ]
  return ensureCertificates(`${dataDir}/tls`, names)
}

const urlOf = ({ config, tls }: Parts, port: number): string =>
  `${tls === null ? 'http' : 'https'}://${reachable({ host: config.http.host, port })}`

/** An address that listens on every interface is reached on this machine by loopback. */
function reachable(address: Address): string {
  const host = address.host === '0.0.0.0' || address.host === '::' ? '127.0.0.1' : address.host
  return formatAddress({ host, port: address.port })
}

function isSame(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}
