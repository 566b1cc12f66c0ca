import type { RunEnd } from './run.js'

/** The end of a run whose exit nobody saw. */
export const lostEnd = (message: string): RunEnd => ({
  outcome: 'lost',
  exitCode: null,
  signal: null,
  value: null,
  tail: '',
  message,
  outBytes: 0,
  errBytes: 0,
  progress: null,
})
