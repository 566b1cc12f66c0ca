import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { agentIdOf } from '../../core/ids.js'
import { AgentBookFile } from './agent-book-file.js'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentflow-agents-'))
  path = join(folder, 'agents.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('[AG4] gives back what was written, to another process too, and nothing before', () => {
  expect(new AgentBookFile(path).read()).toEqual({ added: [], removed: [] })
  const changes = {
    added: [{ agentId: agentIdOf('m/p11'), accountIdx: 2, createdAtMs: 5 }],
    removed: ['m/p1'],
  }
  new AgentBookFile(path).write(changes)
  expect(new AgentBookFile(path).read()).toEqual(changes)
  expect([readdirSync(folder), statSync(path).mode & 0o077]).toEqual([['agents.json'], 0])
})

it.each(['{', '{"added":[{"agentId":""}],"removed":[]}', '[]'])(
  'says what to do about a damaged file: %s',
  (text) => {
    writeFileSync(path, text)
    expect(() => new AgentBookFile(path).read()).toThrow(`${path} cannot be read; delete it`)
  },
)

it('throws when it cannot be written, and keeps what was', () => {
  const book = new AgentBookFile(join(folder, 'missing', 'agents.json'))
  expect(() => book.write({ added: [], removed: [] })).toThrow('ENOENT')
})
