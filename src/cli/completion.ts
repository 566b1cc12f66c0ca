import { Argument, Command } from 'commander'
import { bashScript } from './completion/bash.js'
import { fishScript } from './completion/fish.js'
import { treeOf } from './completion/tree.js'
import { zshScript } from './completion/zsh.js'
import { say } from './print.js'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
type Shell = keyof typeof scripts

const examples = `
Examples:
  agentflow completion bash > /etc/bash_completion.d/agentflow
  agentflow completion zsh  > "\${fpath[1]}/_agentflow"
  agentflow completion fish > ~/.config/fish/completions/agentflow.fish`

/** `program` gives the program with every command: the scripts are made of it, so they cannot fall behind. */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command('completion')
    .description('a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'for which shell').choices(Object.keys(scripts)))
    .addHelpText('after', examples)
    .action(async (shell: Shell) => say(scripts[shell](treeOf(await program()))))
}
