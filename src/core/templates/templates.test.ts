import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rules } from '../../testing/core-fixture.js'
import { sampleTemplate } from '../../testing/plan-samples.js'
import type { Json, JsonObject } from '../json.js'
import { limits } from '../limits.js'
import { fill, placeholdersOf } from './fill.js'
import { valuesOf } from './parameters.js'
import { placeholderInShell } from './shell-text.js'
import type { Parameter } from './template.js'

const parameter = (about: Partial<Parameter> = {}): Parameter => ({
  type: 'string',
  required: false,
  default: null,
  enum: null,
  description: '',
  ...about,
})
const from =
  (values: Readonly<Record<string, Json>>) =>
  (name: string): Json | undefined =>
    Object.hasOwn(values, name) ? values[name] : undefined

describe('[TP1] a placeholder', () => {
  it.each<[string, Json, Json]>([
    [
      'that is the whole text takes the type of its value',
      ['${count}', '${on}', '${words}'],
      [3, true, 'a b'],
    ],
    ['inside of a text takes its words', 'n=${count} ${on}: ${words}!', 'n=3 true: a b!'],
    [
      'is found in every depth, never in a key',
      { '${count}': [{ a: '${count}' }] },
      { '${count}': [{ a: 3 }] },
    ],
    [
      'with two dollars is a text',
      ['$${count}', 'a$${HOME}b', '$$${count}'],
      ['${count}', 'a${HOME}b', '$${count}'],
    ],
    ['is not looked for in a value again', '${tricky} ${tricky}', '${count} ${count}'],
    ['leaves other dollars alone', '$HOME $1 $(id) ${', '$HOME $1 $(id) ${'],
  ])('%s', (_, body, wanted) => {
    const values = from({ count: 3, on: true, words: 'a b', tricky: '${count}' })
    expect(fill({ body }, values)).toEqual({ body: wanted })
  })

  it('without a value is refused by name, and so is one that is no single value in a text', () => {
    expect(() => fill({ a: '${missing}' }, from({}))).toThrow(
      expect.objectContaining({ code: 'unprocessable', message: expect.stringContaining('${missing}') }),
    )
    expect(() => fill({ a: 'x ${list}' }, from({ list: [1] }))).toThrow(
      expect.objectContaining({ message: expect.stringContaining('${list}') }),
    )
  })

  it('in argv is one argument, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (value, others) => {
        const command = ['prog', '${value}', ...others.map((other) => other.replaceAll('$', ''))]
        const filled = fill({ command }, from({ value })) as { command: string[] }
        expect(filled.command).toEqual(['prog', value, ...command.slice(2)])
      }),
    )
  })

  it('is listed with its path', () => {
    expect(placeholdersOf({ a: ['x', '${b} ${c}'], d: '$${e}' })).toEqual([
      { name: 'b', path: ['a', 1] },
      { name: 'c', path: ['a', 1] },
    ])
  })
})

describe('[TP2] parameters', () => {
  const parameters = {
    service: parameter({ required: true }),
    replicas: parameter({ type: 'number', default: 2 }),
    size: parameter({ enum: ['s', 'm'] }),
    dry: parameter({ type: 'boolean' }),
  }

  it('take what is given, then the default, then nothing of their type', () => {
    expect(Object.fromEntries(valuesOf(parameters, { service: 'web' }))).toEqual({
      service: 'web',
      replicas: 2,
      size: '',
      dry: false,
    })
    expect(valuesOf(parameters, { service: 'web', replicas: 0, dry: true }).get('replicas')).toBe(0)
  })

  it.each<[string, Record<string, string | number | boolean>, string]>([
    ['is unknown', { service: 'web', servce: 'x' }, 'there is no parameter "servce"; known: dry, replicas'],
    ['is of the object itself', { service: 'web', toString: 'x' }, 'there is no parameter "toString"'],
    ['is missing', {}, 'parameter "service" (string) is missing'],
    ['has the wrong type', { service: 'web', replicas: '2' }, 'parameter "replicas" is a number, not "2"'],
    ['is none of the choices', { service: 'web', size: 'xl' }, 'parameter "size" is one of "s", "m"'],
  ])('are refused by name when one %s', (_, given, message) => {
    expect(() => valuesOf(parameters, given)).toThrow(
      expect.objectContaining({ code: 'unprocessable', message: expect.stringContaining(message) }),
    )
  })
})

describe('[TP3] a shell', () => {
  it.each<[string, Json, string | null]>([
    ['its text', 'echo ${a}', 'a'],
    ['a text without one', 'echo $${a}', null],
    ['a program of -c', ['sh', '-c', 'echo ${a}'], 'a'],
    ['one of several options', ['/bin/bash', '-e', '-lc', 'echo ${a}'], 'a'],
    ['one behind another program', ['env', 'A=1', 'sh', '-c', '${a}'], 'a'],
    ['an argument behind it', ['sh', '-c', 'echo "$1"', 'sh', '${a}'], null],
    ['the -c of another program', ['wc', '-c', '${a}'], null],
    ['an argument', ['echo', '${a}'], null],
  ])('%s', (_, command, name) => {
    expect(placeholderInShell({ payload: { command } } as JsonObject)).toBe(name)
  })
})

describe('a template', () => {
  const rules = () => {
    const made = new Rules()
    const create = (name: string): string => {
      const answer = made.user({
        name: 'create_template',
        definition: sampleTemplate(1, 1, { name }).definition,
      })
      return answer.kind === 'plan' ? answer.id : ''
    }
    return { made, create }
  }

  it('[TP4] has a next version with each change', () => {
    const { made, create } = rules()
    const id = create('deploy')
    const { definition } = sampleTemplate(1, 1, { name: 'deploy', description: 'new' })
    made.user({ name: 'update_template', ref: 'deploy', definition })
    expect(made.state.tables.template.get(id)).toMatchObject({
      version: 2,
      definition: { description: 'new' },
    })
  })

  it('has a name of its own, and is gone when it is deleted', () => {
    const { made, create } = rules()
    create('deploy')
    expect(() => create('deploy')).toThrow(expect.objectContaining({ code: 'name_conflict' }))
    made.user({ name: 'delete_template', ref: 'deploy' })
    expect(made.state.tables.template.size).toBe(0)
    expect(create('deploy')).not.toBe('')
  })

  it('[SC8] is refused when there are limits.templatesMax', () => {
    const { create } = rules()
    for (let count = 0; count < limits.templatesMax; count += 1) create(`t${count}`)
    expect(() => create('one-more')).toThrow(expect.objectContaining({ code: 'resource_exhausted' }))
  })
})
