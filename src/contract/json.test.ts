import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { parseJson } from './json.js'

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('parseJson', () => {
  it('gives the value', () => {
    expect(parseJson('{"a":[1,{"b":null}]}', 'body')).toEqual({ a: [1, { b: null }] })
  })

  it('refuses what is not JSON in one sentence', () => {
    expect(() => parseJson('{"a":', 'the body')).toThrow('the body is not valid JSON')
  })

  it('takes the deepest allowed nesting and refuses one more', () => {
    expect(parseJson(nested(limits.jsonDepthMax), 'body')).toBeInstanceOf(Array)
    expect(() => parseJson(nested(limits.jsonDepthMax + 2), 'body')).toThrow('nested deeper')
  })

  it('refuses a hundred thousand levels without exhausting the stack', () => {
    expect(() => parseJson(nested(100_000), 'body')).toThrow('nested deeper')
  })

  it('refuses a key that would reach a prototype, however deep', () => {
    expect(() => parseJson('{"env":{"__proto__":{"admin":true}}}', 'body')).toThrow('__proto__')
  })
})
