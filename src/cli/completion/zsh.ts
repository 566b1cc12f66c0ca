import type { CompletedCommand, CompletedOption } from './tree.js'

export function zshScript(tree: readonly CompletedCommand[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  return `#compdef agentflow
# Completion of agentflow for zsh. Made by: agentflow completion zsh
_agentflow() {
  local place="" word i
  local -a commands choices options
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    # What comes after -- is a program of yours.
    if [[ "$word" == "--" ]]; then _files; return; fi
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${tree.flatMap((command) => command.options.flatMap((option) => valueCase(command, option))).join('\n')}
  esac
  case "$place" in
${tree.map(wordsCase).join('\n')}
  esac
  (( $#commands )) && _describe -t commands command commands
  (( $#choices )) && _describe -t values value choices
  _describe -t options option options
}
# Sourced: it is made known. In fpath: this file is the function.
if [[ "$funcstack[1]" == "_agentflow" ]]; then _agentflow "$@"; else compdef _agentflow agentflow; fi`
}

function valueCase({ path }: CompletedCommand, { words, value }: CompletedOption): readonly string[] {
  if (value === 'none') return []
  const reply =
    value === 'any'
      ? '_message value'
      : value === 'file'
        ? '_files'
        : value === 'folder'
          ? '_files -/'
          : `choices=(${value.join(' ')}); _describe -t values value choices`
  return [`    ${words.map((word) => `"${path} ${word}"`).join('|')}) ${reply}; return ;;`]
}

function wordsCase({ path, commands, choices, options }: CompletedCommand): string {
  const described = options.flatMap(({ words, about }) => words.map((word) => `"${word}:${about}"`))
  return `    "${path}")
      commands=(${commands.map(({ word, about }) => `"${word}:${about}"`).join(' ')})
      choices=(${choices.join(' ')})
      options=(${described.join(' ')}) ;;`
}
