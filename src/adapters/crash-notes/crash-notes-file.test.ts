import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import { createRememberingLog } from '../../testing/remembering-log.js'
import { silentLog } from '../../testing/silent-log.js'
import { CrashNotesFile } from './crash-notes-file.js'

const origin = { nodeId: 'master-1', incarnation: 2, uplinkSeq: 5 }

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentflow-crash-notes-'))
  path = join(folder, 'crash-notes.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('[QU1] counts the crashes of each update over processes', () => {
  for (let crash = 1; crash <= 2; crash += 1) {
    new CrashNotesFile(path, silentLog).note(origin)
    const next = new CrashNotesFile(path, silentLog)
    expect(next.count(origin)).toBe(crash)
    const others = [{ nodeId: 'master-2' }, { incarnation: 3 }, { uplinkSeq: 6 }]
    expect(others.map((other) => next.count({ ...origin, ...other }))).toEqual([0, 0, 0])
  }
  expect(readdirSync(folder)).toEqual(['crash-notes.json'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('keeps the newest', () => {
  const notes = new CrashNotesFile(path, silentLog)
  for (let uplinkSeq = 0; uplinkSeq <= limits.crashNotesKept; uplinkSeq += 1)
    notes.note({ ...origin, uplinkSeq })
  expect(notes.count({ ...origin, uplinkSeq: 0 })).toBe(0)
  expect(notes.count({ ...origin, uplinkSeq: 1 })).toBe(1)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(limits.crashNotesKept)
})

it('begins anew, with a warning, after a file that cannot be read', () => {
  writeFileSync(path, '[{"nodeId":')
  const log = createRememberingLog()
  const notes = new CrashNotesFile(path, log)
  expect(notes.count(origin)).toBe(0)
  expect(log.entries).toMatchObject([{ level: 'warn' }])
  notes.note(origin)
  expect(new CrashNotesFile(path, log).count(origin)).toBe(1)
  expect(log.entries).toHaveLength(1)
})
