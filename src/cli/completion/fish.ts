import type { CompletedCommand, CompletedOption } from './tree.js'

export function fishScript(tree: readonly CompletedCommand[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  return `# Completion of agentflow for fish. Made by: agentflow completion fish
function __agentflow_place
    set -l place
    for word in (commandline -opc)[2..-1]
        # What comes after -- is a program of yours.
        if test "$word" = --
            echo program
            return
        end
        if contains -- (string join -- ' ' $place $word) ${paths.join(' ')}
            set -a place $word
        end
    end
    string join -- ' ' $place
end
function __agentflow_at
    set -l place (__agentflow_place)
    test "$place" = "$argv[1]"
end
complete -c agentflow -e
complete -c agentflow -n 'not __agentflow_at program' -f
${tree.flatMap(linesOf).join('\n')}`
}

function linesOf({ path, commands, choices, options }: CompletedCommand): readonly string[] {
  const here = `complete -c agentflow -n '__agentflow_at "${path}"'`
  return [
    ...commands.map(({ word, about }) => `${here} -a ${word} -d "${about}"`),
    ...(choices.length === 0 ? [] : [`${here} -a "${choices.join(' ')}"`]),
    ...options.map((option) => `${here} ${spelled(option)} -d "${option.about}"${valuePart(option)}`),
  ]
}

const spelled = ({ words }: CompletedOption): string =>
  words.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`)).join(' ')

function valuePart({ value }: CompletedOption): string {
  if (value === 'none') return ''
  if (value === 'any') return ' -x'
  if (value === 'file') return ' -r -F'
  return value === 'folder' ? ` -x -a "(__fish_complete_directories)"` : ` -x -a "${value.join(' ')}"`
}
