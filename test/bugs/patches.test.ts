import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const folder = import.meta.dirname
const patches = readdirSync(folder).filter((name) => name.endsWith('.patch'))

it('every planted bug still fits the code that it is planted in', async () => {
  const root = join(folder, '../..')
  const misfits: string[] = []
  for (const name of patches) {
    const check = promisify(execFile)('git', ['apply', '--check', join(folder, name)], { cwd: root })
    await check.catch((failure: unknown) => misfits.push(`${name}: ${String(failure)}`))
  }
  expect(misfits).toEqual([])
  expect(patches.length).toBeGreaterThanOrEqual(24)
})
