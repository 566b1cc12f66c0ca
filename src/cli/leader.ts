import { Command, Option } from 'commander'
import { loadLeaderConfig } from '../compose/config.js'
import { loadLeader } from '../compose/load-leader.js'
import { exitCodes } from './exit-codes.js'
import { checkRoot, keepRunning, type NodeFlags, started } from './node-process.js'
import { collect, withJson } from './options.js'

interface LeaderFlags extends NodeFlags {
  readonly cors?: readonly string[]
  readonly allowHost?: readonly string[]
  readonly writeJoinFile?: string
}

const examples = `
Examples:
  agentflow leader
  agentflow leader --data /var/lib/agentflow --http 0.0.0.0:8100 --grpc 0.0.0.0:8150 --tls auto --allow-host fleet.example

Each option is also a variable (AGENTFLOW_HTTP, AGENTFLOW_GRPC, AGENTFLOW_DATA, …) and a key of --config FILE (JSON);
flags win over variables, variables over the file.`

export function leaderCommand(): Command {
  const command = new Command('leader')
    .description('run the leader: it keeps the log, schedules, and serves the wall')
    .option('--id <id>', 'its name (default: leader-1)')
    .option('--http <host:port>', 'REST, WebSocket and the wall (default: 127.0.0.1:8100)')
    .option('--grpc <host:port>', 'masters and gRPC clients (default: 127.0.0.1:8150)')
    .option('--data <dir>', 'data directory (default: ./.agentflow)')
    .option(
      '--tls <auto|off|dir>',
      'own certificates, none, or ca.pem, cert.pem and key.pem of a folder (default: off)',
    )
    .addOption(new Option('--cors <origin>', 'web origin that may call, several times').argParser(collect))
    .addOption(
      new Option('--allow-host <name>', 'further name it is reached by, several times').argParser(collect),
    )
    .option(
      '--alert-webhook <url>',
      'web address that is told of alerts (signed with AGENTFLOW_ALERT_WEBHOOK_SECRET)',
    )
    .option('--write-join-file <file>', 'also write the join file there, for masters elsewhere')
    .option('--config <file>', 'configuration file, JSON')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .option('--log-json', 'log as JSON')
    .option('--allow-root', 'run although this is root')
    .addOption(new Option('--with-parent').hideHelp())
    .addHelpText('after', examples)
  return withJson(command).action(async (flags: LeaderFlags) => {
    checkRoot(flags, 'leader')
    const config = loadLeaderConfig({
      ...flags,
      corsOrigins: flags.cors,
      allowedHosts: flags.allowHost,
      joinFileCopy: flags.writeJoinFile,
    })
    const { startLeader } = await loadLeader()
    const leader = await started(startLeader(config, () => process.exit(exitCodes.refused)))
    const { leaderId: id, httpUrl: api, wsUrl: ws, grpcAddress: grpc, token, joinFile, term } = leader
    const url = `${api}/#login=${leader.loginCode}`
    await keepRunning(
      {
        ready: { role: 'leader', id, term, url, api, ws, grpc, token, joinFile, dataDir: config.dataDir },
        words: [
          `Leader ${id} leads, term ${term}.`,
          `  Wall     ${url}   (once, within 10 minutes)`,
          `  gRPC     ${grpc}`,
          `  Masters  agentflow master --id NAME --join-file ${joinFile}`,
          '  Stop     Ctrl+C',
        ].join('\n'),
        stop: () => leader.stop(),
      },
      flags,
    )
  })
}
