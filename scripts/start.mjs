#!/usr/bin/env node
/** Rebuilds what changed, then runs `agentflow` with the given arguments in this process. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, canBuild } from './build.mjs'
import { root } from './inputs.mjs'

/** npm leaves SQLite's module out where it could neither be fetched nor compiled. */
function hasStore() {
  try {
    const Database = createRequire(import.meta.url)('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch (cause) {
    const reason = String(cause.message).split('\n')[0]
    process.stderr.write(
      `SQLite's module is not there for this Node (${reason}); install g++, make and python3, then run: npm ci\n`,
    )
    return false
  }
}

if (process.argv[2] !== 'master' && !hasStore()) process.exit(2)
if (canBuild() && !(await build())) process.exit(1)
const program = join(root, 'dist/cli/main.js')
// The program sees the arguments that it would see as `agentflow …`.
process.argv.splice(1, 1, program)
await import(pathToFileURL(program).href)
