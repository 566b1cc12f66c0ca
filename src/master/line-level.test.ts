import { expect, it } from 'vitest'
import { levelOf } from './line-level.js'

const cases: readonly (readonly ['debug' | 'info' | 'warning' | 'error', string])[] = [
  ['error', 'ERROR: no space left on device'],
  ['error', '2026-01-02T03:04:05Z [ERROR] db: gone'],
  ['error', '\u001b[31mERROR\u001b[0m build broken'],
  ['error', 'src/a.ts(3,4): error TS2339: no such property'],
  ['error', 'TypeError: x is not a function'],
  ['error', 'java.lang.IllegalStateException: closed'],
  ['error', 'Traceback (most recent call last):'],
  ['error', 'panic: runtime error: index out of range'],
  ['error', 'npm ERR! code ELIFECYCLE'],
  ['error', '{"level":50,"msg":"failed"}'],
  ['error', '{"severity": "ERROR", "message": "x"}'],
  ['warning', '[warn] deprecated option'],
  ['warning', 'WARNING: retrying'],
  ['warning', '(node:12) DeprecationWarning: use y'],
  ['warning', 'ts=1 level=warn msg="slow"'],
  ['debug', 'DEBUG connected'],
  ['debug', 'debug: errors so far 3'],
  ['debug', 'time=1 level=debug msg="an error in here"'],
  ['info', 'INFO: recovered from an ERROR'],
  ['info', 'compiled 12 files'],
  ['info', '0 errors, 0 warnings'],
  ['info', 'no errors found'],
  ['info', 'terrorism studies'],
  ['info', ''],
]

it.each(cases)('%s: %s', (level, text) => {
  expect(levelOf(text, 'out')).toBe(level)
})

it('takes words on standard error more seriously', () => {
  expect(levelOf('cat: nope: No such file or directory', 'err')).toBe('error')
  expect(levelOf('cat: nope: No such file or directory', 'out')).toBe('info')
  expect(levelOf('Downloading 3 of 7', 'err')).toBe('info')
  expect(levelOf('finished without errors', 'err')).toBe('info')
})

it('looks at the start of a line only', () => {
  expect(levelOf(`${'x'.repeat(400)} ERROR`, 'out')).toBe('info')
})
