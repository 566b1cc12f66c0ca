import { Command, Option } from 'commander'
import { parseJson } from '../contract/json.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { type ClientFlags, duration, withLeader } from './options.js'
import { say, sayJson } from './print.js'

interface CallFlags extends ClientFlags {
  readonly args?: string
  readonly wait?: number
  readonly idempotencyKey?: string
}

const examples = `
Examples:
  agentflow call stats
  agentflow call list_tasks --args '{"status":"failed","limit":5}'
  agentflow call control_task --args '{"taskId":"t12","action":"cancel"}' --wait 20s`

export function callCommand(): Command {
  const command = new Command('call')
    .description('call a tool by name')
    .argument('<tool>', 'one of `agentflow tools`')
    .option('--args <json>', 'its arguments, an object')
    .addOption(
      new Option('--wait <dur>', `until a command is done, at most ${limits.waitMsMax / 1000}s`).argParser(
        duration,
      ),
    )
    .option('--idempotency-key <key>', 'of a submit: the same key is the same task')
    .addHelpText('after', examples)
  return withLeader(command).action(async (name: string, flags: CallFlags) => {
    const { wait: waitMs, idempotencyKey } = flags
    const result = await connect(flags).callTool(name, argsOf(flags.args), { waitMs, idempotencyKey })
    if (flags.json === true) sayJson(result)
    else say(JSON.stringify(result, null, 2))
  })
}

function argsOf(text = '{}'): Readonly<Record<string, unknown>> {
  const args = parseJson(text, '--args')
  if (typeof args === 'object' && args !== null && !Array.isArray(args))
    return args as Record<string, unknown>
  throw new ControlError('invalid_request', `--args is an object, such as '{"taskId":"t12"}'.`)
}
