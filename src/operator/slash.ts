/** A slash command, read from what a person typed. */
export type Slash =
  | { readonly kind: 'help' }
  | { readonly kind: 'nodes' }
  | { readonly kind: 'tasks' }
  | { readonly kind: 'run'; readonly on: string | null; readonly shell: string }
  | {
      readonly kind: 'act'
      readonly action: 'pause' | 'resume' | 'cancel' | 'retry'
      readonly target: string
    }
  | { readonly kind: 'wrong'; readonly why: string }

const acts: ReadonlySet<string> = new Set(['pause', 'resume', 'cancel', 'retry'])

/** Null when the text is no slash command. */
export function readSlash(text: string): Slash | null {
  const trimmed = text.trim()
  if (!trimmed.startsWith('/')) return null
  const [, word = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(trimmed) ?? []
  if (acts.has(word)) {
    const action = word as 'pause' | 'resume' | 'cancel' | 'retry'
    return rest === ''
      ? wrong(`/${word} needs a task: its id or its name`)
      : { kind: 'act', action, target: rest }
  }
  switch (word) {
    case 'help':
      return { kind: 'help' }
    case 'nodes':
      return { kind: 'nodes' }
    case 'tasks':
      return { kind: 'tasks' }
    case 'run':
      return readRun(rest)
    default:
      return wrong(`there is no /${word}; /help lists what there is`)
  }
}

function readRun(rest: string): Slash {
  const pinned = /^--on\s+(\S+)\s+([\s\S]+)$/.exec(rest)
  if (pinned !== null) return { kind: 'run', on: pinned[1] ?? null, shell: pinned[2] ?? '' }
  if (rest === '' || rest.startsWith('--on'))
    return wrong('/run needs a command, for example: /run --on master-1 npm test')
  return { kind: 'run', on: null, shell: rest }
}

const wrong = (why: string): Slash => ({ kind: 'wrong', why })
