import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { plainNeeds, plainTerms } from '../core/tasks/terms.js'
import { toTaskSpec } from './catalogue.js'

const specOf = (body: unknown) => toTaskSpec(body, null).spec

describe('[FN1] a task of a type that is no program’s', () => {
  it('takes any JSON object as its payload, and is named by its type', () => {
    const payload = { to: 'a', command: { cc: [1, null] }, env: 5 }
    expect(specOf({ type: 'email', payload })).toMatchObject({ type: 'email', name: 'email', payload })
    expect(specOf({ type: 'email', payload: {} }).payload).toEqual({})
  })

  it('takes nothing else', () => {
    expect(() => specOf({ type: 'email', payload: [1] })).toThrow('task.payload: expected object')
    expect(() => specOf({ type: 'email' })).toThrow('task.payload: expected object')
  })

  it('keeps to the limit of payloads', () => {
    const payload = { text: 'x'.repeat(limits.payloadBytesMax) }
    expect(() => specOf({ type: 'email', payload })).toThrow(`at most ${limits.payloadBytesMax} are taken`)
  })
})

it('a program is named by its command', () => {
  expect(specOf({ type: 'command', payload: { command: ['echo', 'a'] } }).name).toBe('echo a')
  expect(specOf({ type: 'test', payload: { command: 'npm test' } }).name).toBe('npm test')
  expect(specOf({ type: 'automation', payload: { actions: [{ tool: 'click' }] } }).name).toBe('automation')
})

describe('terms of the queue', () => {
  const command = { type: 'command', payload: { command: ['true'] } }

  it('are left out when a task has none, so that the journal does not hold them', () => {
    const spec = specOf({ ...command, dependsMode: 'succeeded', requirements: { slots: 1, gpus: 0 } })
    expect(spec).not.toHaveProperty('queue')
    expect(spec.requirements).toEqual({ accountIdx: null, workerId: null, timeout: limits.timeoutMsDefault })
  })

  it('are taken whole when it has one', () => {
    const spec = specOf({ ...command, tags: ['a', 'a'], dependsOn: ['t1', 't1'], requirements: { slots: 2 } })
    expect(spec.queue).toEqual({ ...plainTerms, tags: ['a'], dependsOn: ['t1'] })
    expect(spec.requirements.needs).toEqual({ ...plainNeeds, slots: 2 })
  })

  it('keep to their limits', () => {
    const dependsOn = Array.from({ length: limits.dependenciesMax + 1 }, (_, n) => `t${n}`)
    expect(() => specOf({ ...command, dependsOn })).toThrow('task.dependsOn')
    expect(() => specOf({ ...command, delayMs: limits.delayMsMax + 1 })).toThrow('task.delayMs')
    const tags = Array.from({ length: limits.tagsMax + 1 }, (_, n) => `tag${n}`)
    expect(() => specOf({ ...command, tags })).toThrow('task.tags')
  })
})
