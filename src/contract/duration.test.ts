import { expect, it } from 'vitest'
import { parseDuration } from './duration.js'

it.each([
  ['500ms', 500],
  ['5s', 5_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1.5s', 1_500],
  ['0', 0],
  ['250', 250],
])('reads %s as %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it.each(['', 's', '5 minutes', '-1s', '1d', 'Infinity', '9'.repeat(40)])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeNull()
})
