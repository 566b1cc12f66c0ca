import { Command } from 'commander'
import { taskEnvironment } from '../compose/config.js'
import type { FenceState } from '../contract/progress.js'
import { ControlError } from '../core/errors.js'
import { exitCodes } from './exit-codes.js'
import { withJson } from './options.js'
import { say, sayJson } from './print.js'
import { askMaster } from './task-socket.js'

const examples = `
Example, inside of a task, right before what must not be done twice:
  agentflow fence check && ./publish.sh

Exit code 0: this run is the current one. ${exitCodes.fenceStale}: another one took its place. ${exitCodes.fenceUnknown}: nobody here can tell, because
its lease is over or its master does not answer; stop, and let the next run do it.`

export function fenceCommand(): Command {
  const command = new Command('fence')
    .description('whether a running task is still the current run; for programs that run as one')
    .addHelpText('after', examples)
  command.addCommand(checkCommand())
  return command
}

const exitOf: Readonly<Record<FenceState, number>> = {
  current: exitCodes.ok,
  stale: exitCodes.fenceStale,
  unknown: exitCodes.fenceUnknown,
}

function checkCommand(): Command {
  const command = new Command('check')
    .description('exit code 0 while this run is the current one')
    .addHelpText('after', examples)
  return withJson(command).action(async (flags: { readonly json?: true }) => {
    const place = taskEnvironment()
    if (place === null) {
      throw new ControlError(
        'invalid_configuration',
        'There is no AGENTFLOW_SOCKET here: this works only inside of a running task.',
      )
    }
    const state = await stateOf(place)
    if (flags.json === true) sayJson({ fence: place.fence, state })
    else say(state)
    process.exitCode = exitOf[state]
  })
}

async function stateOf({
  socket,
  fence,
}: {
  readonly socket: string
  readonly fence: number
}): Promise<FenceState> {
  try {
    const answer = await askMaster(socket, { fence, check: true })
    return 'fence' in answer ? answer.fence : 'unknown'
  } catch {
    return 'unknown'
  }
}
