import { beforeEach, describe, expect, it } from 'vitest'
import { collisionOf, type KeyPress, KeyRegistry } from './keys.js'

let registry: KeyRegistry
let done: string[]
const binding = (keys: string, answer?: boolean) => ({
  keys,
  label: keys,
  group: 'test',
  run: () => {
    done.push(keys)
    return answer
  },
})
const press = (key: string, change: Partial<KeyPress> = {}, atMs = 0) =>
  registry.press(
    {
      key,
      keyCode: 0,
      isComposing: false,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      inText: false,
      ...change,
    },
    atMs,
  )

beforeEach(() => {
  registry = new KeyRegistry()
  done = []
  registry.bind([binding('g o'), binding('g t'), binding('c')])
})

describe('sequences', () => {
  it('run when the second key follows in time', () => {
    expect(press('g', {}, 0)).toBe(true)
    expect(press('t', {}, 1_000)).toBe(true)
    expect(done).toEqual(['g t'])
  })

  it('are forgotten after a while, and after a key that does not belong', () => {
    press('g', {}, 0)
    expect(press('t', {}, 2_000)).toBe(false)
    press('g', {}, 3_000)
    press('x', {}, 3_100)
    expect(press('t', {}, 3_200)).toBe(false)
    expect(done).toEqual([])
  })

  it('whose second key is a key of its own still run that key alone', () => {
    press('g')
    expect(press('c')).toBe(true)
    expect(done).toEqual(['c'])
  })
})

describe('keys are left alone', () => {
  it('while Chinese is being composed', () => {
    expect(press('c', { isComposing: true })).toBe(false)
    expect(press('c', { keyCode: 229 })).toBe(false)
  })
  it('while text is typed, and with a modifier', () => {
    for (const change of [{ inText: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
      expect(press('c', change)).toBe(false)
    }
    expect(done).toEqual([])
  })
})

it('what was bound last goes first; one that declines passes the key on', () => {
  const unbind = registry.bind([binding('c', false)])
  press('c')
  expect(done).toEqual(['c', 'c'])
  unbind()
  registry.bind([binding('c', true)])
  done = []
  press('c')
  expect(done).toEqual(['c'])
})

it('the same registry makes the help', () => {
  expect(registry.read().map((each) => each.keys)).toEqual(['g o', 'g t', 'c'])
  let told = 0
  registry.subscribe(() => {
    told += 1
  })
  registry.bind([binding('n')])()
  expect(told).toBe(2)
  expect(registry.read()).toHaveLength(3)
})

describe('[WV6] keys that a person chose', () => {
  it('stand in place of the standard ones', () => {
    registry.choose({ c: 'h' })
    expect(press('c')).toBe(false)
    expect(press('h')).toBe(true)
    expect(done).toEqual(['c'])
    registry.choose({})
    expect(press('c')).toBe(true)
  })

  it('are refused where they collide with another act or with the beginning of a sequence', () => {
    const bound = registry.read()
    expect(collisionOf(bound, 'c', 'g o')?.id).toBe('g o')
    expect(collisionOf(bound, 'c', 'g')?.id).toBe('g o')
    expect(collisionOf(bound, 'g o', 'c x')?.id).toBe('c')
    expect(collisionOf(bound, 'c', 'c')).toBeNull()
    expect(collisionOf(bound, 'c', 'x')).toBeNull()
  })
})

describe('keys with Mod', () => {
  it('work where text is typed, by either modifier, and in no sequence', () => {
    registry.bind([binding('Mod+k')])
    expect(press('K', { ctrlKey: true, inText: true })).toBe(true)
    expect(press('k', { metaKey: true })).toBe(true)
    expect(press('k', { ctrlKey: true, altKey: true })).toBe(false)
    expect(press('k', { ctrlKey: true, isComposing: true })).toBe(false)
    expect(done).toEqual(['Mod+k', 'Mod+k'])
  })
})
