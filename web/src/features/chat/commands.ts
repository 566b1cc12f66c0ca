/** The slash commands that the leader understands. */
export interface SlashCommand {
  readonly name: string
  readonly args: string
  /** What its argument is, so that it can be completed. */
  readonly takes: 'nothing' | 'command' | 'task'
}

export const slashCommands = [
  { name: '/help', args: '', takes: 'nothing' },
  { name: '/nodes', args: '', takes: 'nothing' },
  { name: '/tasks', args: '', takes: 'nothing' },
  { name: '/run', args: '[--on W] CMD', takes: 'command' },
  { name: '/pause', args: 'ID|NAME', takes: 'task' },
  { name: '/resume', args: 'ID|NAME', takes: 'task' },
  { name: '/cancel', args: 'ID|NAME', takes: 'task' },
  { name: '/retry', args: 'ID|NAME', takes: 'task' },
] as const satisfies readonly SlashCommand[]

export interface Completion {
  /** What the input becomes. */
  readonly text: string
  readonly title: string
  readonly hint: string
}
export interface NamedTask {
  readonly taskId: string
  readonly name: string
}

const completionsMax = 8

/** What may follow what was typed: a command, or the task that a command takes. */
export function completionsOf(typed: string, tasks: readonly NamedTask[]): readonly Completion[] {
  if (!typed.startsWith('/')) return []
  const [word = '', ...rest] = typed.split(/\s+/)
  if (rest.length === 0) {
    return slashCommands
      .filter((command) => command.name.startsWith(word))
      .map((command) => ({
        text: command.takes === 'nothing' ? command.name : `${command.name} `,
        title: command.name,
        hint: command.args,
      }))
  }
  const command = slashCommands.find((each) => each.name === word)
  if (command?.takes !== 'task') return []
  const typedTask = typed.slice(word.length).trim().toLowerCase()
  return tasks
    .filter((task) => `${task.taskId} ${task.name}`.toLowerCase().includes(typedTask))
    .filter((task) => task.taskId !== typedTask)
    .slice(0, completionsMax)
    .map((task) => ({ text: `${word} ${task.taskId}`, title: task.name, hint: task.taskId }))
}
