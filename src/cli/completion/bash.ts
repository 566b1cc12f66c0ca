import type { CompletedCommand, CompletedOption } from './tree.js'

/** For bash 4 and newer. */
export function bashScript(tree: readonly CompletedCommand[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  return `# Completion of agentflow for bash. Made by: agentflow completion bash
_agentflow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # What comes after -- is a program of yours.
    if [[ "$word" == "--" ]]; then COMPREPLY=(); return; fi
    case "\${path:+$path }$word" in
      ${paths.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path $previous" in
${tree.flatMap((command) => command.options.flatMap((option) => valueCase(command, option))).join('\n')}
  esac
  case "$path" in
${tree.map(wordsCase).join('\n')}
  esac
}
complete -o default -F _agentflow agentflow`
}

function valueCase({ path }: CompletedCommand, { words, value }: CompletedOption): readonly string[] {
  if (value === 'none') return []
  const reply =
    value === 'any'
      ? 'COMPREPLY=()'
      : value === 'file'
        ? 'mapfile -t COMPREPLY < <(compgen -f -- "$current")'
        : value === 'folder'
          ? 'mapfile -t COMPREPLY < <(compgen -d -- "$current")'
          : choose(value)
  return [`    ${words.map((word) => `"${path} ${word}"`).join('|')}) ${reply}; return ;;`]
}

function wordsCase({ path, commands, choices, options }: CompletedCommand): string {
  const words = [
    ...commands.map(({ word }) => word),
    ...choices,
    ...options.flatMap((option) => option.words),
  ]
  return `    "${path}") ${choose(words)} ;;`
}

const choose = (words: readonly string[]): string =>
  `mapfile -t COMPREPLY < <(compgen -W "${words.join(' ')}" -- "$current")`
