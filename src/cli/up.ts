import { Command } from 'commander'
import { childEnvironment, loadUpConfig } from '../compose/config.js'
import { openDataDir } from '../compose/data-dir.js'
import type { UpConfig } from '../compose/up-config.js'
import { exitCodes } from './exit-codes.js'
import { Fleet } from './fleet.js'
import { withJson } from './options.js'
import { note } from './print.js'
import { submitSample } from './sample-project.js'
import { ChildFailed } from './supervised.js'
import { jsonTeller, wordTeller } from './up-words.js'

interface UpFlags {
  readonly json?: true
  readonly sample: boolean
  readonly restart: boolean
}

const examples = `
Examples:
  agentflow up
  agentflow up --masters 4 --port 9000 --data ./demo
  agentflow up --json --port 0 --no-sample | jq .url

Ports: the leader takes N (default 8100), masters N+1 …, gRPC N+50; --port 0 takes free ones.
With --json the first line on stdout says where everything is; after it come process events only.`

export function upCommand(): Command {
  const command = new Command('up')
    .description('run a leader, masters and the wall on this machine')
    .option('--masters <n>', 'how many masters (default: 2)')
    .option('--data <dir>', 'data directory (default: AGENTFLOW_DATA, then ./.agentflow)')
    .option('--port <n>', "the leader's port; the others follow from it (default: 8100)")
    .option('--slots <n>', 'tasks at the same time on each master (default: 10)')
    .option('--no-sample', 'do not submit the sample project')
    .option('--no-restart', 'do not start a process again that ended')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: warn; with --json info)')
    .option('--log-json', 'log as JSON')
    .addHelpText('after', examples)
  return withJson(command).action(async (flags: UpFlags) => {
    const config = loadUpConfig({ ...flags })
    const dataDir = openDataDir(config.dataDir)
    if (process.getuid?.() === 0) note('agentflow: This is root, and so will be every task.')
    const stopAsked = signalled()
    const tell = flags.json === true ? jsonTeller() : wordTeller()
    const fleet = new Fleet({
      config: { ...config, dataDir },
      restarts: flags.restart,
      json: flags.json === true,
      environment: childEnvironment({ AGENTFLOW_LOG_LEVEL: logLevelOf(config, flags) }),
      onChange: tell.change,
    })
    try {
      const ready = await Promise.race([fleet.start(), stopAsked])
      if (ready !== null) {
        tell.ready(ready)
        if (flags.sample) tell.sample(await submitSample(fleet.client()))
        await stopAsked
      }
    } catch (thrown) {
      if (!(thrown instanceof ChildFailed)) throw thrown
      // A child that refused its configuration has said why.
      if (thrown.exitCode !== exitCodes.usage) note(`agentflow: ${thrown.message}`)
      process.exitCode = thrown.exitCode
    } finally {
      tell.stopping()
      await fleet.stop()
    }
    // A client that still reconnects must not keep us.
    process.exit()
  })
}

/** Requests would drown what people want to see here; the log of --json is for machines. */
const logLevelOf = (config: UpConfig, flags: UpFlags): string =>
  config.logLevel ?? (flags.json === true ? 'info' : 'warn')

/** Resolves (with null) at the first signal; a second one ends us at once. */
function signalled(): Promise<null> {
  return new Promise((resolve) => {
    let asked = 0
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        asked += 1
        if (asked === 1) resolve(null)
        else if (signal === 'SIGINT') process.exit(exitCodes.cancelled)
      })
    }
  })
}
