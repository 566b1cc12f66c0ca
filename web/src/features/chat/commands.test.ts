import { describe, expect, it } from 'vitest'
import { completionsOf } from './commands.js'
import { contextGroups } from './contexts.js'

const tasks = [
  { taskId: 't1', name: 'build the wall' },
  { taskId: 't2', name: 'run tests' },
]

describe('completion', () => {
  const texts = (typed: string) => completionsOf(typed, tasks).map((completion) => completion.text)

  it('offers commands that begin like what was typed', () => {
    expect(texts('/re')).toEqual(['/resume ', '/retry '])
    expect(texts('/help')).toEqual(['/help'])
  })
  it('offers tasks by name or id where a task is meant', () => {
    expect(texts('/pause bui')).toEqual(['/pause t1'])
    expect(texts('/pause ')).toEqual(['/pause t1', '/pause t2'])
  })
  it('offers nothing for plain words, shell text and a task that is named already', () => {
    expect(texts('pause the build')).toEqual([])
    expect(texts('/run make')).toEqual([])
    expect(texts('/pause t1')).toEqual([])
  })
})

it('a conversation is about a project on a master or on all of them', () => {
  expect(contextGroups(['shop'], ['master-1', 'master-2'])).toEqual([
    { project: 'shop', contexts: ['shop:*', 'shop:master-1', 'shop:master-2'] },
  ])
  expect(contextGroups([], [])).toEqual([{ project: 'default', contexts: ['default:*'] }])
})
