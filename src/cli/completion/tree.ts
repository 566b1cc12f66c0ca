import { type Command, Help, type Option } from 'commander'

export interface Completed {
  readonly word: string
  readonly about: string
}

export interface CompletedOption extends Completed {
  /** `--name` or `-n`, each of them. */
  readonly words: readonly string[]
  /** What comes after it: nothing, one of these words, a path, or anything. */
  readonly value: 'none' | 'file' | 'folder' | 'any' | readonly string[]
}

/** One command: what may follow it. */
export interface CompletedCommand {
  /** `task run`; empty for the program itself. */
  readonly path: string
  readonly commands: readonly Completed[]
  readonly options: readonly CompletedOption[]
  /** Words that its first argument can be; empty = anything. */
  readonly choices: readonly string[]
}

/** The program and all of its commands, each before its own. */
export function treeOf(program: Command): readonly CompletedCommand[] {
  const visit = (command: Command, path: string): readonly CompletedCommand[] => {
    const children = command.commands.filter((child) => help.visibleCommands(command).includes(child))
    return [
      {
        path,
        commands: help
          .visibleCommands(command)
          .map((child) => ({ word: child.name(), about: lineOf(child.description()) })),
        options: help.visibleOptions(command).map(optionOf),
        choices: command.registeredArguments[0]?.argChoices ?? [],
      },
      ...children.flatMap((child) => visit(child, `${path} ${child.name()}`.trim())),
    ]
  }
  return visit(program, '')
}

const help = new Help()

function optionOf(option: Option): CompletedOption {
  const words = [option.long, option.short].filter((word) => word !== undefined)
  return { word: words[0] ?? '', words, about: lineOf(option.description), value: valueKind(option) }
}

function valueKind({ flags, required, optional, argChoices }: Option): CompletedOption['value'] {
  if (!required && !optional) return 'none'
  if (argChoices !== undefined) return argChoices
  return /<file>/.test(flags) ? 'file' : /<dir>/.test(flags) ? 'folder' : 'any'
}

/** Descriptions go into shell strings: without what quotes, ends or opens anything there. */
const lineOf = (text: string): string =>
  text
    .replaceAll("'", '’')
    .replaceAll(':', ' –')
    .replaceAll(/[\\"`$[\]]/g, '')
    .replaceAll(/\s+/g, ' ')
