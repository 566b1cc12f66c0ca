import { Command } from 'commander'
import type { Effect } from '../client/index.js'
import { type TaskEnvironment, taskEnvironment } from '../compose/config.js'
import { parseOrRefuse } from '../contract/catalogue.js'
import { parseJson } from '../contract/json.js'
import { progressReportSchema } from '../contract/progress.js'
import { ControlError, type ErrorCode, fromUnknown } from '../core/errors.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { type ClientFlags, withJson, withLeader } from './options.js'
import { age, plain, printError, say, sayJson, styled, table } from './print.js'
import { askMaster } from './task-socket.js'

interface NoteFlags {
  readonly json?: true
  readonly value?: string
  readonly again?: true
}

const examples = `
Example, inside of a task:
  agentflow effect intent charge-17
  case $? in
    0) ./charge.sh && agentflow effect done charge-17 --value '{"receipt": "r-1"}' ;;
    ${exitCodes.effectDone}) ;;
    *) exit 1 ;;
  esac

Exit codes: 0 noted, and on the leader's disk. ${exitCodes.fenceStale}: another run took this one's place. ${exitCodes.fenceUnknown}: the leader does not
answer; nothing is known to be noted, so do not go on. ${exitCodes.effectDone}: an intent for what is done already. ${exitCodes.effectAmbiguous}: an intent that an
earlier attempt left open; find out what came of it and note done or failed, or use --again.`

export function effectCommand(): Command {
  const command = new Command('effect')
    .description('side effects of tasks: what a run means to do, and what came of it')
    .addHelpText('after', examples)
  const intent = noteCommand('intent', 'before it is done; exit code 0 = do it now')
  command.addCommand(intent.option('--again', 'also when an earlier attempt left it open'))
  command.addCommand(noteCommand('done', 'after it happened'))
  command.addCommand(noteCommand('failed', 'when it is sure that it did not happen'))
  command.addCommand(listCommand())
  return command
}

/** What says more than the exit code of its kind. */
const exitOf: Partial<Readonly<Record<ErrorCode, number>>> = {
  stale_fence: exitCodes.fenceStale,
  unavailable: exitCodes.fenceUnknown,
  outcome_unknown: exitCodes.fenceUnknown,
  effect_ambiguous: exitCodes.effectAmbiguous,
}

function noteCommand(state: 'intent' | 'done' | 'failed', when: string): Command {
  const command = new Command(state)
    .description(`note it ${when}; for programs that run as a task`)
    .argument('<key>', 'names the effect, the same in every attempt of the task')
    .addHelpText('after', examples)
  if (state !== 'intent') command.option('--value <json>', 'what came of it')
  return withJson(command).action(async (key: string, flags: NoteFlags) => {
    const place = taskEnvironment()
    if (place === null) {
      throw new ControlError(
        'invalid_configuration',
        'There is no AGENTFLOW_SOCKET here: this works only inside of a running task.',
      )
    }
    const value = flags.value === undefined ? {} : { value: parseJson(flags.value, '--value') }
    const again = flags.again === undefined ? {} : { again: true }
    try {
      const effect = await note(place, { key, state, ...value, ...again })
      if (flags.json === true) sayJson(effect)
      else say(effect.state)
      if (state === 'intent' && effect.state === 'done') process.exitCode = exitCodes.effectDone
    } catch (thrown) {
      const error = fromUnknown(thrown)
      const exitCode = exitOf[error.code]
      if (exitCode === undefined) throw error
      printError(error, flags.json === true)
      process.exitCode = exitCode
    }
  })
}

/** Resolves when it is on the leader's disk. */
async function note({ socket, fence }: TaskEnvironment, effect: object): Promise<Effect> {
  const answer = await askMaster(socket, parseOrRefuse(progressReportSchema, { fence, effect }, 'effect'))
  if ('effect' in answer) return answer.effect
  if ('error' in answer)
    throw new ControlError(answer.code ?? 'stale_fence', answer.error, { details: answer.details ?? {} })
  throw new ControlError('unavailable', 'The master of this task does not know side effects.')
}

function listCommand(): Command {
  const command = new Command('list')
    .description('side effects that the runs of a task noted')
    .argument('<task>', 'task id')
    .addHelpText('after', '\nExample:\n  agentflow effect list t1a')
  return withLeader(command).action(async (taskId: string, flags: ClientFlags) => {
    const effects = await connect(flags).effects(taskId)
    if (flags.json === true) sayJson({ effects })
    else if (effects.length > 0) say(effectTable(effects, Date.now()))
  })
}

export const effectTable = (effects: readonly Effect[], nowMs: number): string =>
  table(
    ['EFFECT', 'STATE', 'ATTEMPT', 'AGE', 'OUTCOME'],
    effects.map(({ key, state, attempt, intentAt, settledAt, value }) => [
      plain(key),
      state === 'ambiguous' ? styled('yellow', state) : state,
      String(attempt),
      age(nowMs - (settledAt ?? intentAt ?? nowMs)),
      value === null ? '–' : plain(JSON.stringify(value)),
    ]),
  )
