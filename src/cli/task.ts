import { Command } from 'commander'
import { taskActCommands } from './task-acts.js'
import { taskListCommand } from './task-list.js'
import { taskLogsCommand } from './task-logs.js'
import { taskRunCommand } from './task-run.js'
import { taskShowCommand } from './task-show.js'

export function taskCommand(): Command {
  const group = new Command('task').description('run, look at and control tasks')
  // Options after a program's name belong to the program.
  group.enablePositionalOptions()
  for (const command of [
    taskRunCommand(),
    taskListCommand(),
    taskShowCommand(),
    taskLogsCommand(),
    ...taskActCommands(),
  ]) {
    group.addCommand(command)
  }
  return group
}
