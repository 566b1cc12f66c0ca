import { text as readAll } from 'node:stream/consumers'
import { Command, Option } from 'commander'
import type { Client, SubmitTask, Task } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { followTask, isOver } from './follow-task.js'
import { lineText } from './line-text.js'
import { type ClientFlags, collectVariable, duration, wholeNumber, withLeader } from './options.js'
import { note, say, sayJson } from './print.js'
import { endOf, taskExitCode } from './task-end.js'
import { type TermFlags, termsOf, withTerms } from './task-terms.js'

interface RunFlags extends ClientFlags, TermFlags {
  readonly name?: string
  readonly project?: string
  readonly on?: string
  readonly priority?: number
  readonly timeout?: number
  readonly stallAfter?: number
  readonly retry?: number
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: true
  readonly stdinOpen?: true
  readonly shell?: true
  readonly lease?: 'steady' | 'strict'
  readonly onDisconnect?: 'restart' | 'wait' | 'keep'
  readonly idempotencyKey?: string
  readonly wait?: true
  readonly follow?: true
}

const examples = `
Examples:
  agentflow task run -- npm test
  agentflow task run --on master-1 --timeout 10m --wait -- make -j2
  agentflow task run --shell --follow -- 'for i in 1 2 3; do echo $i; sleep 1; done'
  echo '{"a":1}' | agentflow task run --stdin --wait -- jq .a
  agentflow task run --after t1a,t2b --delay 5m -- ./report.sh
  agentflow task run --name nightly --retry 2 --idempotency-key nightly-2030-01-01 -- ./nightly.sh

Prints the task's id (with --json the task). With --wait the exit code is the program's own;
${exitCodes.timeout} = its time was over, ${exitCodes.ourSide} = AgentFlow could not run it, ${exitCodes.cancelled} = cancelled.
With --follow the program's output is the output, and the id goes to stderr.`

export function taskRunCommand(): Command {
  const command = new Command('run')
    .description('run a program on the fleet')
    .argument('<argv...>', 'the program and its arguments; everything after -- is theirs')
    .option('--name <name>', 'name on the wall (default: what it runs)')
    .option('--project <project>', 'project it belongs to (default: default)')
    .option('--on <worker>', 'run on this master only')
    .option('--priority <1-10>', 'high 8-10, normal 4-7, low 1-3 (default: 5)', wholeNumber(1, 10))
    .option('--timeout <dur>', 'kill it after this time, 0 = never (default: 5m)', duration)
    .option(
      '--stall-after <dur>',
      'alert after this time without output and CPU, 0 = never (default: 2m)',
      duration,
    )
    .option(
      '--retry <n>',
      'try again up to n times when it fails, is lost or runs out of time',
      wholeNumber(0, limits.attemptsMaxMax - 1),
    )
    .option('--cwd <dir>', "directory on the master's machine")
    .option('--env <name=value>', 'environment variable, several times', collectVariable)
    .option('--stdin', 'send what stands on standard input')
    .option('--stdin-open', 'keep its standard input open, so that waiting for input is noticed')
    .option('--shell', 'run the words as one shell text')
    .addOption(new Option('--lease <class>', 'how fast a lost run is given up').choices(['steady', 'strict']))
    .addOption(
      new Option('--on-disconnect <what>', 'when its master is cut off').choices(['restart', 'wait', 'keep']),
    )
    .option('--idempotency-key <key>', 'the same key again is the same task')
    .option('--wait', "wait for the end; the exit code is the program's")
    .option('--follow', 'wait, and show its output')
    .passThroughOptions()
    .addHelpText('after', examples)
  return withLeader(withTerms(command)).action(async (argv: string[], flags: RunFlags) => {
    const client = connect(flags)
    const { task } = await client.submit(await submission(argv, flags), {
      idempotencyKey: flags.idempotencyKey,
    })
    if (flags.wait !== true && flags.follow !== true) {
      if (flags.json === true) sayJson(task)
      else say(task.taskId)
      return
    }
    process.exitCode = await waitFor(client, task, flags)
  })
}

async function submission(argv: readonly string[], flags: RunFlags): Promise<SubmitTask> {
  if (flags.stdin === true && flags.stdinOpen === true) {
    throw new ControlError('invalid_configuration', 'Give --stdin or --stdin-open, not both.')
  }
  const optional = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
    Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as never
  const requirements = optional({ workerId: flags.on, timeout: flags.timeout })
  return {
    type: 'command',
    payload: {
      command: flags.shell === true ? argv.join(' ') : [...argv],
      ...optional({ cwd: flags.cwd, env: flags.env, stdinOpen: flags.stdinOpen }),
      ...(flags.stdin === true ? { stdin: await readAll(process.stdin) } : {}),
    },
    ...optional({
      name: flags.name,
      project: flags.project,
      priority: flags.priority,
      stallAfterMs: flags.stallAfter,
      leaseClass: flags.lease,
      onDisconnect: flags.onDisconnect,
    }),
    ...termsOf(flags),
    ...(Object.keys(requirements).length === 0 ? {} : { requirements }),
    ...(flags.retry === undefined
      ? {}
      : { retry: { attemptsMax: flags.retry + 1, on: ['lost', 'timeout', 'exit'] } }),
  }
}

/** Resolves with the exit code. */
async function waitFor(client: Client, submitted: Task, flags: RunFlags): Promise<number> {
  const { taskId } = submitted
  const follows = flags.follow === true
  if (flags.json !== true) (follows ? note : say)(taskId)
  const interrupt = new AbortController()
  const onSignal = (): void => interrupt.abort()
  process.once('SIGINT', onSignal)
  try {
    const options = { signal: interrupt.signal, ...(follows ? { onLine: lineText(flags) } : {}) }
    const task = isOver(submitted) && !follows ? submitted : await followTask(client, taskId, options)
    if (flags.json === true) sayJson(task)
    else note(endOf(task))
    return taskExitCode(task)
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown
    note(
      `Still running. Look again: agentflow task logs ${taskId} --follow. Stop it: agentflow task cancel ${taskId}`,
    )
    return exitCodes.cancelled
  } finally {
    process.off('SIGINT', onSignal)
  }
}
