import { describe, expect, it } from 'vitest'
import { buildIn, noticeMs, stepBuild } from './new-build.js'

const free = { isUsed: false, hasDraft: false }
const waiting = { phase: 'waiting', build: 'b' } as const

it('a build is known by the name of its script', () => {
  expect(buildIn('<head><script type="module" crossorigin src="/assets/index-a1.js"></script></head>')).toBe(
    '/assets/index-a1.js',
  )
  expect(buildIn('<html>an error page</html>')).toBeNull()
})

describe('[WV9] a new build', () => {
  it('is told first and loads a moment later', () => {
    const counting = stepBuild(waiting, free, 5)
    expect(counting).toEqual({ phase: 'counting', build: 'b', loadAtMs: 5 + noticeMs })
    expect(stepBuild(counting, free, 4 + noticeMs)).toBe(counting)
    expect(stepBuild(counting, free, 5 + noticeMs)).toEqual({ phase: 'loading', build: 'b' })
  })

  it('waits while somebody types, has a dialog open or left a text unsent', () => {
    const counting = stepBuild(waiting, free, 0)
    expect(stepBuild(counting, { isUsed: true, hasDraft: false }, noticeMs)).toEqual(waiting)
    expect(stepBuild(waiting, { isUsed: false, hasDraft: true }, noticeMs)).toEqual(waiting)
  })

  it('that is not there changes nothing', () => {
    expect(stepBuild({ phase: 'none' }, free, 0)).toEqual({ phase: 'none' })
  })
})
