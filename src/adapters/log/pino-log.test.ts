import { expect, it } from 'vitest'
import { createPinoLog } from './pino-log.js'

function capture(json: boolean, level: 'debug' | 'info' = 'info') {
  const lines: string[] = []
  const log = createPinoLog({
    name: 'leader-1',
    level,
    json,
    destination: { write: (line) => lines.push(line) },
  })
  return { log, lines }
}

it('writes one JSON object a line for machines', () => {
  const { log, lines } = capture(true)
  log.warn('disk is slow', { fsyncMs: 12 })
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    name: 'leader-1',
    msg: 'disk is slow',
    fsyncMs: 12,
  })
})

it('writes one readable line for people', () => {
  const { log, lines } = capture(false)
  log.info('listening', { url: 'http://127.0.0.1:8100', note: 'two words' })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} info {2}leader-1: listening url=http:\/\/127.0.0.1:8100 note="two words"\n$/,
  )
})

it('keeps the stack of an error', () => {
  const { log, lines } = capture(false)
  log.error('turn failed', { error: new Error('no space') })
  expect(lines[0]).toContain('error="no space"')
  expect(lines[0]).toContain('pino-log.test.ts')
})

it('is quiet below its level', () => {
  const { log, lines } = capture(false)
  log.debug('detail')
  expect(lines).toEqual([])
})
