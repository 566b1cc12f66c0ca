import { expect, it } from 'vitest'
import { freeName, isLoopback, joinCommand } from './join-command.js'

it('a path with blanks or quotes is one word of the shell', () => {
  const command = (joinFile: string) => joinCommand({ name: 'm', leader: 'host:8150', joinFile })
  expect(command('/data/join.json')).toBe(
    'agentflow master --id m --leader host:8150 --join-file /data/join.json --data ./m',
  )
  expect(command("/it's here/join.json")).toContain(String.raw`--join-file '/it'\''s here/join.json' `)
})

it('offers a name that nobody has', () => {
  expect(freeName([])).toBe('master-1')
  expect(freeName(['master-1', 'build', 'master-3'])).toBe('master-2')
})

it('knows addresses that only the own machine reaches', () => {
  expect(['127.0.0.1:8150', 'localhost:1', '[::1]:8150'].map(isLoopback)).toEqual([true, true, true])
  expect(['10.0.0.4:8150', 'leader:8150'].map(isLoopback)).toEqual([false, false])
})
