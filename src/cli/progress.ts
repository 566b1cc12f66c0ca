import { Command } from 'commander'
import { taskEnvironment } from '../compose/config.js'
import { parseOrRefuse } from '../contract/catalogue.js'
import { parseJson } from '../contract/json.js'
import { progressReportSchema } from '../contract/progress.js'
import { ControlError } from '../core/errors.js'
import { withJson } from './options.js'
import { sayJson } from './print.js'
import { askMaster } from './task-socket.js'

interface ProgressFlags {
  readonly json?: true
  readonly text?: string
  readonly partial?: string
}

const examples = `
Examples, inside of a task:
  agentflow progress 0.4
  agentflow progress 0.8 --text "linking"
  agentflow progress --partial '{"rows": 1200}'`

export function progressCommand(): Command {
  const command = new Command('progress')
    .description('tell how far a running task is; for programs that run as one')
    .argument('[done]', 'share that is done, 0 to 1')
    .option('--text <text>', 'what it does now')
    .option('--partial <json>', 'a partial result')
    .addHelpText('after', examples)
  return withJson(command).action(async (done: string | undefined, flags: ProgressFlags) => {
    const place = taskEnvironment()
    if (place === null) {
      throw new ControlError(
        'invalid_configuration',
        'There is no AGENTFLOW_SOCKET here: this works only inside of a running task.',
      )
    }
    const report = parseOrRefuse(
      progressReportSchema,
      {
        fence: place.fence,
        ...(done === undefined ? {} : { progress: Number(done) }),
        ...(flags.text === undefined ? {} : { text: flags.text }),
        ...(flags.partial === undefined ? {} : { partial: parseJson(flags.partial, '--partial') }),
      },
      'progress',
    )
    if (Object.keys(report).length === 1) {
      throw new ControlError('invalid_configuration', 'Give a share from 0 to 1, --text or --partial.')
    }
    const answer = await askMaster(place.socket, report)
    if ('error' in answer) throw new ControlError('stale_fence', answer.error)
    if (flags.json === true) sayJson(answer)
  })
}
