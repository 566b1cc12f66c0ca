import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentflow, temporaryFolder } from './fleet.js'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Asks the script, in its own shell, what may stand in place of the last word. */
const shells: Readonly<Record<string, (script: string, words: readonly string[]) => string>> = {
  bash: (script, words) =>
    run('bash', [
      '-c',
      `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _agentflow; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      script,
      ...words,
    ]),
  zsh: (script, words) =>
    run('zsh', [
      '-f',
      '-c',
      `compdef() { }
       _describe() { print -rl -- "\${(@P)4%%:*}" }
       _files() { print files }
       _message() { }
       source "$1"; shift; words=("$@"); CURRENT=$#
       _agentflow`,
      'zsh',
      script,
      ...words,
    ]),
  fish: (script, words) =>
    run('fish', ['-c', 'source $argv[1]; complete -C $argv[2]', script, words.join(' ')]),
}
const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' })

describe.each(Object.entries(shells))('completion of %s', (shell, ask) => {
  const script = join(folder, `agentflow.${shell}`)
  beforeAll(async () => {
    const { code, stdout } = await agentflow(['completion', shell])
    expect(code).toBe(0)
    writeFileSync(script, stdout)
  })
  const completed = (...words: readonly string[]): readonly string[] => {
    const last = words.at(-1) ?? ''
    return ask(script, words)
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '')
      .filter((word) => word !== '' && word.startsWith(last))
  }

  it('is a script that its shell can read', () => {
    expect(() => run(shell, ['-n', script])).not.toThrow()
  })

  it('knows commands, their own commands, and options', () => {
    expect(completed('agentflow', '')).toEqual(expect.arrayContaining(['agents', 'config', 'task', 'up']))
    expect(completed('agentflow', 'task', 'p')).toEqual(['pause'])
    expect(completed('agentflow', 'task', 'run', '--lea')).toEqual(['--lease'])
    expect(completed('agentflow', 'agents', 'delete', '--fo')).toEqual(['--force'])
  })

  it('knows what an option and an argument can be', () => {
    expect(completed('agentflow', 'task', 'run', '--lease', 's')).toEqual(['steady', 'strict'])
    expect(completed('agentflow', 'completion', 'f')).toEqual(['fish'])
    expect(completed('agentflow', 'task', 'run', '--name', 'x')).toEqual([])
  })

  it('keeps out of the program that a task runs', () => {
    expect(completed('agentflow', 'task', 'run', '--', '--lea')).toEqual([])
  })
})

it('of another shell is refused with those that there are', async () => {
  const { code, stderr } = await agentflow(['completion', 'tcsh'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')])
})
