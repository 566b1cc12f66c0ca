import { Command } from 'commander'
import type { ToolDescription } from '../client/index.js'
import { connect } from './connection.js'
import { type ClientFlags, withLeader } from './options.js'
import { say, sayJson, table } from './print.js'

export function toolsCommand(): Command {
  const command = new Command('tools')
    .description('what can be called by name, with its arguments')
    .addHelpText('after', '\nCall one with: agentflow call NAME --args JSON')
  return withLeader(command).action(async (flags: ClientFlags) => {
    const tools = await connect(flags).tools()
    if (flags.json === true) sayJson({ tools })
    else
      say(
        table(
          ['TOOL', 'ARGUMENTS', 'WHAT'],
          tools.map((tool) => [tool.name, argumentsOf(tool), tool.summary]),
        ),
      )
  })
}

/** `taskId action [timeoutMs]`: optional ones in brackets. */
function argumentsOf({ args }: ToolDescription): string {
  const names = Object.keys((args.properties ?? {}) as object)
  const required = new Set(args.required as readonly string[] | undefined)
  const shown = names
    .sort((a, b) => Number(required.has(b)) - Number(required.has(a)))
    .map((name) => (required.has(name) ? name : `[${name}]`))
  return shown.length <= shownMax ? shown.join(' ') : `${shown.slice(0, shownMax).join(' ')} …`
}

const shownMax = 5
