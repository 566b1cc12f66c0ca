import { text as readAll } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import type { SubmitTask } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { collectVariable, duration, wholeNumber } from './options.js'
import { type TermFlags, termsOf, withTerms } from './task-terms.js'

/** Flags that say what a task is. */
export interface BodyFlags extends TermFlags {
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
}

/** The options behind them. */
export const withBody = (command: Command): Command =>
  withTerms(command)
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

/** The submit's body that argv and flags ask for. */
export async function bodyOf(argv: readonly string[], flags: BodyFlags): Promise<SubmitTask> {
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
