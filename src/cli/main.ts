#!/usr/bin/env node
import { runProgram } from './program.js'

const args = process.argv.slice(2)
const stays: readonly (string | undefined)[] = ['up', 'leader', 'master']

// `agentflow task list | head`: nobody reads on, so there is nothing left to do. What stays runs on without a reader.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  if (!stays.includes(args[0])) process.exit()
})

process.exitCode = await runProgram(args)
// What did not come up has nothing to finish.
if (stays.includes(args[0])) process.exit()
