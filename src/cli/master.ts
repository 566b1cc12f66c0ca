import { Command, Option } from 'commander'
import { formatAddress, isLoopback, parseAddress } from '../compose/address.js'
import { loadClientConfig, loadMasterConfig } from '../compose/config.js'
import type { JoinFile } from '../compose/data-dir.js'
import { isLeaderUrl, type MasterConfig, refusePlainTravel } from '../compose/master-config.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { clientFor } from './connection.js'
import { checkRoot, keepRunning, type NodeFlags, started } from './node-process.js'
import { collect, withJson } from './options.js'

interface MasterFlags extends NodeFlags {
  readonly data?: string
  readonly label?: readonly string[]
  readonly leader?: string
}

const examples = `
Examples:
  agentflow master --id master-3
  agentflow master --id gpu-1 --leader fleet.example:8150 --join-file join.json --label gpu=a100 --slots 4
  agentflow master --master=http://127.0.0.1:8100

The join file is join.json of the leader's data directory. A master never gives up: it runs on while the leader is
away and reports when it is back.`

export function masterCommand(): Command {
  const command = new Command('master')
    .description('run a master: it runs tasks on this machine and reports to the leader')
    .option('--id <id>', "its name (default: this machine's)")
    .option('--leader <host:port,…>', "leader's gRPC addresses (default: those of the join file)")
    .option('--master <url>', "the leader's web address instead; asked once for the gRPC address")
    .option('--join-file <file>', 'join file of the leader (default: join.json of the data directory)')
    .option('--data <dir>', 'data directory; a master uses masters/ID in it (default: ./.agentflow)')
    .option('--slots <n>', 'tasks at the same time (default: 10)')
    .addOption(new Option('--label <key=value>', 'label, several times').argParser(collect))
    .option(
      '--memory-floor <size>',
      'take no task while less memory is free (default: 64MiB; 0 = never mind)',
    )
    .option('--disk-floor <size>', 'the same of disk, where the data directory is (default: 64MiB)')
    .option('--http <host:port>', 'own HTTP server (default: 127.0.0.1:8101)')
    .option('--wall', 'serve a wall there too: live through the leader, its own state while that is gone')
    .option('--config <file>', 'configuration file, JSON')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .option('--log-json', 'log as JSON')
    .option('--allow-root', 'run although this is root')
    .addOption(new Option('--with-parent').hideHelp())
    .addHelpText('after', examples)
  return withJson(command).action(async (flags: MasterFlags) => {
    checkRoot(flags, 'master')
    const config = await withAddresses(
      loadMasterConfig({ ...flags, leaders: flags.leader, labels: flags.label }),
      flags,
    )
    const { startMaster } = await import('../compose/master.js')
    const master = await started(startMaster(config))
    const { nodeId: id, httpAddress: http, wallUrl: wall } = master
    await keepRunning(
      {
        ready: {
          role: 'master',
          id,
          http,
          ...(wall === null ? {} : { wall }),
          leaders: config.leaders,
          dataDir: config.dataDir,
        },
        words: [
          `Master ${id} runs, ${config.slots} slots, for the leader at ${config.leaders.join(', ')}.`,
          ...(http === null ? [] : [`  HTTP     http://${http}`]),
          ...(wall === null ? [] : [`  Wall     ${wall}/   (sign in with a token or a login code)`]),
          '  Stop     Ctrl+C   (ends its tasks)',
        ].join('\n'),
        stop: () => master.stop(),
        restart: { asked: master.restartAsked, leave: () => master.leave() },
      },
      flags,
    )
  })
}

/** A leader known by its web address says once where its gRPC server is. */
async function withAddresses(config: MasterConfig, flags: MasterFlags): Promise<MasterConfig> {
  const leaders = await Promise.all(
    config.leaders.map((leader) => (isLeaderUrl(leader) ? grpcOf(leader, config.join, flags) : leader)),
  )
  refusePlainTravel(leaders, config.join)
  return { ...config, leaders }
}

async function grpcOf(url: string, join: JoinFile, flags: MasterFlags): Promise<string> {
  const client = clientFor({ url, token: tokenFor(url, join, flags), caPem: join.caPem })
  const { grpc } = await client.stats().catch((thrown: unknown) => {
    const error = fromUnknown(thrown)
    if (error.kind.status !== 401) throw error
    throw new ControlError(
      'not_authenticated',
      `The leader at ${url} tells its gRPC address only with a token; set AGENTFLOW_TOKEN or give --leader HOST:PORT.`,
    )
  })
  // A leader behind 0.0.0.0 names itself by loopback: from elsewhere it is reached as we reached it.
  const address = parseAddress(grpc)
  const { hostname } = new URL(url)
  return address !== null && isLoopback(address.host) && !isLoopback(hostname)
    ? formatAddress({ host: hostname, port: address.port })
    : grpc
}

function tokenFor(url: string, join: JoinFile, { data }: MasterFlags): string {
  try {
    return loadClientConfig({ data, url }).token
  } catch {
    // No user's token on this machine; the leader may take the join key.
    return join.key
  }
}
