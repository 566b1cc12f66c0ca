import { Command, CommanderError } from 'commander'
import { version } from '../compose/version.js'
import { ControlError, fromUnknown } from '../core/errors.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { printError } from './print.js'

/** Runs one command line; resolves with the exit code. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const json = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).includes('--json')
  try {
    const program = await build(args[0], json)
    await program.parseAsync(args, { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.ok
  } catch (thrown) {
    if (thrown instanceof CommanderError) return usageExit(thrown, json)
    return failureExit(thrown, json)
  }
}

type Load = () => Promise<Command>

/** Each command is loaded when it is wanted: `agentflow progress` runs inside of tasks, and often. */
const groups: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  'Run it:': {
    up: async () => (await import('./up.js')).upCommand(),
    leader: async () => (await import('./leader.js')).leaderCommand(),
    master: async () => (await import('./master.js')).masterCommand(),
    warden: async () => (await import('./warden.js')).wardenCommand(),
  },
  'Use it:': {
    task: async () => (await import('./task.js')).taskCommand(),
    queue: async () => (await import('./queue.js')).queueCommand(),
    batch: async () => (await import('./batch.js')).batchCommand(),
    schedule: async () => (await import('./schedule.js')).scheduleCommand(),
    template: async () => (await import('./template.js')).templateCommand(),
    trigger: async () => (await import('./trigger.js')).triggerCommand(),
    nodes: async () => (await import('./nodes.js')).nodesCommand(),
    cordon: async () => (await import('./node-acts.js')).cordonCommand(),
    drain: async () => (await import('./node-acts.js')).drainCommand(),
    uncordon: async () => (await import('./node-acts.js')).uncordonCommand(),
    agents: async () => (await import('./agents.js')).agentsCommand(),
    retention: async () => (await import('./retention.js')).retentionCommand(),
    placement: async () => (await import('./placement.js')).placementCommand(),
    alert: async () => (await import('./alert.js')).alertCommand(),
    deadletter: async () => (await import('./dead-letters.js')).deadLetterCommand(),
    limits: async () => (await import('./limits.js')).limitsCommand(),
    events: async () => (await import('./events.js')).eventsCommand(),
    tools: async () => (await import('./tools.js')).toolsCommand(),
    call: async () => (await import('./call.js')).callCommand(),
  },
  'Look into it:': {
    doctor: async () => (await import('./doctor.js')).doctorCommand(),
    config: async () => (await import('./config.js')).configCommand(),
    completion: async () => (await import('./completion.js')).completionCommand(wholeProgram),
    effect: async () => (await import('./effect.js')).effectCommand(),
    fence: async () => (await import('./fence.js')).fenceCommand(),
    progress: async () => (await import('./progress.js')).progressCommand(),
    version: async () => (await import('./version.js')).versionCommand(),
  },
}

/** With every command, for what describes it. */
const wholeProgram = (): Promise<Command> => build(undefined, false)

/** The program with the wanted command; with all of them when it is none of them (help, a slip of the pen). */
async function build(wanted: string | undefined, json: boolean): Promise<Command> {
  const program = new Command('agentflow')
    .description('Push-only control plane for fleets of AI agents and tasks.')
    .version(`agentflow ${version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', startHelp)
  const isKnown = Object.values(groups).some((group) => wanted !== undefined && Object.hasOwn(group, wanted))
  for (const [title, group] of Object.entries(groups)) {
    program.commandsGroup(title)
    for (const [name, load] of Object.entries(group)) {
      if (!isKnown || name === wanted) program.addCommand(await load())
    }
  }
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
  if (json) printError(new ControlError('invalid_configuration', sentence), true)
  return exitCodes.usage
}

function failureExit(thrown: unknown, json: boolean): number {
  const error = fromUnknown(thrown)
  printError(error, json)
  return exitCodeOf(error)
}
