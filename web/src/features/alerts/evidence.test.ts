import { expect, it } from 'vitest'
import { inTree } from './evidence.js'

const process = (pid: number, parentPid: number) => ({
  pid,
  parentPid,
  command: 'x',
  state: 'S',
  cpuMs: 0,
  memoryBytes: 0,
})

it('processes stand below their parents, in the order given', () => {
  const rows = inTree([process(3, 2), process(1, 0), process(2, 1), process(9, 5), process(4, 1)])
  expect(rows.map(({ process: { pid }, depth }) => [pid, depth])).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 1],
    [9, 0],
  ])
})

it('a process that names itself as its parent is a root', () => {
  expect(inTree([process(1, 1)])).toHaveLength(1)
})
