import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SubmitTask } from '../client/index.js'
import { collect, duration } from './options.js'

/** Flags of `task run` that say when a task may run. */
export interface TermFlags {
  readonly at?: number
  readonly delay?: number
  readonly after?: readonly string[]
  readonly afterMode?: 'succeeded' | 'done' | 'any'
  readonly queueTimeout?: number
  readonly totalTimeout?: number
  readonly tag?: readonly string[]
}

export const withTerms = (command: Command): Command =>
  command
    .option('--at <time>', 'not before this time, such as 2030-01-01T08:00:00Z or Unix ms', timeOfDay)
    .option('--delay <dur>', 'not before this long after the submit', duration)
    .option('--after <id[,id]>', 'not before these tasks are over, several times', collectIds)
    .addOption(
      new Option(
        '--after-mode <mode>',
        'succeeded = all of them must succeed, done = be over, any = one must succeed',
      ).choices(['succeeded', 'done', 'any']),
    )
    .option('--queue-timeout <dur>', 'give up when an attempt waits in the queue for longer', duration)
    .option('--total-timeout <dur>', 'give up when it is not over this long after the submit', duration)
    .option('--tag <tag>', 'mark it with this word, several times', collect)

/** Only what was given. */
export function termsOf(flags: TermFlags): Partial<SubmitTask> {
  return {
    ...(flags.at === undefined ? {} : { runAt: flags.at }),
    ...(flags.delay === undefined ? {} : { delayMs: flags.delay }),
    ...(flags.after === undefined ? {} : { dependsOn: [...flags.after] }),
    ...(flags.afterMode === undefined ? {} : { dependsMode: flags.afterMode }),
    ...(flags.queueTimeout === undefined ? {} : { queueTimeoutMs: flags.queueTimeout }),
    ...(flags.totalTimeout === undefined ? {} : { totalTimeoutMs: flags.totalTimeout }),
    ...(flags.tag === undefined ? {} : { tags: [...flags.tag] }),
  }
}

/** ISO 8601 or Unix ms → Unix ms. */
function timeOfDay(text: string): number {
  const ms = /^\d{12,}$/.test(text) ? Number(text) : Date.parse(text)
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError('Give a time such as 2030-01-01T08:00:00Z, or Unix ms.')
  return ms
}

const collectIds = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...text.split(',').filter((id) => id !== ''),
]
