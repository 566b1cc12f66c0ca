import { Command, CommanderError } from 'commander'
import { version } from '../compose/version.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { doctorCommand } from './doctor.js'
import { eventsCommand } from './events.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { leaderCommand } from './leader.js'
import { masterCommand } from './master.js'
import { nodesCommand } from './nodes.js'
import { progressCommand } from './progress.js'
import { taskCommand } from './task.js'
import { upCommand } from './up.js'
import { versionCommand } from './version.js'

/** Runs one command line; resolves with the exit code. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const json = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).includes('--json')
  const program = build(json)
  try {
    await program.parseAsync(args, { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.ok
  } catch (thrown) {
    if (thrown instanceof CommanderError) return usageExit(thrown, json)
    return failureExit(thrown, json)
  }
}

function build(json: boolean): Command {
  const program = new Command('agentflow')
    .description('Push-only control plane for fleets of AI agents and tasks.')
    .version(`agentflow ${version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', startHelp)
  program.commandsGroup('Run it:')
  for (const command of [upCommand(), leaderCommand(), masterCommand()]) program.addCommand(command)
  program.commandsGroup('Use it:')
  for (const command of [taskCommand(), nodesCommand(), eventsCommand()]) program.addCommand(command)
  program.commandsGroup('Look into it:')
  for (const command of [doctorCommand(), progressCommand(), versionCommand()]) program.addCommand(command)
  adopt(program, json)
  return program
}

const startHelp = `
Start here:
  agentflow up                      a leader, two masters and the wall on this machine
  agentflow task run -- npm test    run a program on the fleet
  agentflow task list               what runs, waits and failed
  agentflow help task run           every option of a command, with examples`

/** Errors are thrown, not exited on; with --json commander's own words are held back. */
function adopt(command: Command, json: boolean): void {
  command.exitOverride().configureOutput({
    writeErr: (text) => {
      if (!json) process.stderr.write(text)
    },
    outputError: (text, write) => write(text.replace(/^error: /, 'agentflow: ')),
  })
  command.showHelpAfterError('See --help for the options and examples.')
  for (const child of command.commands) adopt(child, json)
}

function usageExit(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return exitCodes.ok
  if (error.code === 'commander.help') return exitCodes.usage
  const sentence = error.message.replace(/^error: /, '')
  if (json) print(new ControlError('invalid_configuration', sentence), true)
  return exitCodes.usage
}

function failureExit(thrown: unknown, json: boolean): number {
  const error = fromUnknown(thrown)
  print(error, json)
  return exitCodeOf(error)
}

function print(error: ControlError, json: boolean): void {
  if (json) {
    process.stderr.write(`${JSON.stringify(error.toBody())}\n`)
    return
  }
  process.stderr.write(`agentflow: ${error.message}\n`)
  // A defect: its cause is what a report needs.
  if (error.code === 'internal' && error.cause instanceof Error)
    process.stderr.write(`${error.cause.stack}\n`)
}
