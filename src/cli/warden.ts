import { Command } from 'commander'
import { loadWardenConfig } from '../compose/config.js'
import { exitCodes } from './exit-codes.js'
import { started } from './node-process.js'

const examples = `
A master starts its warden by itself and finds it again after a restart: nobody needs to call this. It owns the master's
tasks, so that a restart of the master restarts none, and ends itself when there is nothing left to own.`

export function wardenCommand(): Command {
  return new Command('warden')
    .description('own the tasks of a master, which starts this by itself')
    .requiredOption('--data <dir>', "the master's own data directory (masters/ID of the data directory)")
    .option('--id <id>', 'name of the master, for the log')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .option('--log-json', 'log as JSON')
    .addHelpText('after', examples)
    .action(async (flags: Readonly<Record<string, unknown>>) => {
      const { startWarden } = await import('../compose/warden.js')
      const warden = await started(startWarden(loadWardenConfig(flags)))
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => warden.stop())
      // Its master's terminal is not its own.
      process.on('SIGHUP', () => undefined)
      await warden.ended
      process.exit(exitCodes.ok)
    })
}
