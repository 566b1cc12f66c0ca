import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
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
