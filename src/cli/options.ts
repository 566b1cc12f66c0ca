import { type Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../contract/duration.js'

/** Flags of every command that talks to a leader. */
export interface ClientFlags {
  readonly json?: true
  readonly data?: string
}

export const withJson = (command: Command): Command =>
  command.option('--json', 'answer in JSON; errors as JSON on stderr')

/** For commands that talk to a leader: how it is found, and --json. */
export const withLeader = (command: Command): Command =>
  withJson(command)
    .option(
      '--data <dir>',
      'data directory with cli.json of the leader (default: AGENTFLOW_DATA, then ./.agentflow)',
    )
    .addHelpText(
      'after',
      '\nThe leader is AGENTFLOW_URL with AGENTFLOW_TOKEN, else the one of the data directory.',
    )

/** `500ms`, `5s`, `2m`, `1h` → ms. */
export function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Give a duration such as 500ms, 5s, 2m or 1h.')
  return ms
}

/** A whole number from `min` to `max`. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
    }
    return value
  }

/** A number from `min` to `max`. */
export const numberBetween =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= min && value <= max))
      throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`)
    return value
  }

/** For a flag that may be given several times. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  value,
]

/** For `--env K=V`, several times. */
export function collectVariable(
  pair: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const split = pair.indexOf('=')
  if (split < 1) throw new InvalidArgumentError('Give NAME=VALUE.')
  return { ...earlier, [pair.slice(0, split)]: pair.slice(split + 1) }
}
