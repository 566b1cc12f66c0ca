#!/usr/bin/env node
/**
 * Builds the product and the benches, then runs bench/main.ts with the given arguments. Compiled, because a loader that
 * rewrites functions as it goes would be measured too.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { command } from './command.mjs'
import { root } from './inputs.mjs'

if (!(await build())) process.exit(1)
const compiled = await command('tsc', ['-p', 'tsconfig.bench.json'])
if (!compiled.ok) {
  process.stderr.write(compiled.output)
  process.exit(1)
}
await import(pathToFileURL(join(root, 'artifacts/bench/bench/main.js')).href)
