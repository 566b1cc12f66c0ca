import { Command } from 'commander'
import { connect } from './connection.js'
import { followTask, tellLines } from './follow-task.js'
import { logText } from './line-text.js'
import { type ClientFlags, withLeader } from './options.js'
import { say, sayJson } from './print.js'

interface LogFlags extends ClientFlags {
  readonly follow?: true
}

export function taskLogsCommand(): Command {
  const command = new Command('logs')
    .description("a task's output")
    .argument('<id>', 'task id')
    .option('--follow', 'go on until the task is over')
    .addHelpText(
      'after',
      '\nExamples:\n  agentflow task logs t1a --follow\n  agentflow task logs t1a --json | jq -r .text',
    )
  return withLeader(command).action(async (taskId: string, flags: LogFlags) => {
    const client = connect(flags)
    const onLine = flags.json === true ? sayJson : (line: Parameters<typeof logText>[0]) => say(logText(line))
    if (flags.follow === true) {
      await followTask(client, taskId, { onLine })
      return
    }
    // An unknown task is an error, not an empty log.
    await client.task(taskId)
    await tellLines(client, taskId, { after: 0, onLine })
  })
}
