#!/usr/bin/env node
/** Rebuilds what changed, then runs `agentflow` with the given arguments in this process. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, canBuild } from './build.mjs'
import { root } from './inputs.mjs'

if (canBuild() && !(await build())) process.exit(1)
const program = join(root, 'dist/cli/main.js')
// The program sees the arguments that it would see as `agentflow …`.
process.argv.splice(1, 1, program)
await import(pathToFileURL(program).href)
