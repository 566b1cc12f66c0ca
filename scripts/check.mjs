#!/usr/bin/env node
/** The gate before every commit: format, lint, types, unit tests, dead code, contract. Two steps run at a time. */
import { fileURLToPath } from 'node:url'
import { buildContract } from './build.mjs'
import { command, seconds } from './command.mjs'
import { tally, vitest } from './vitest.mjs'

const lanesMax = 2

const tool = (name, ...runs) => ({
  name,
  run: async () => {
    let output = ''
    for (const [program, ...args] of runs) {
      const result = await command(program, args)
      output += result.output
      if (!result.ok) return { passed: 0, failed: 1, output }
    }
    return { passed: 1, failed: 0, output }
  },
})

/** Longest first, so that the lanes end together. */
const steps = [
  { name: 'unit tests', run: () => vitest('unit') },
  tool('types: node', ['tsc', '-p', 'tsconfig.json']),
  tool('types: core', ['tsc', '-p', 'tsconfig.core.json']),
  tool('types: web', ['tsc', '-p', 'web/tsconfig.json']),
  tool('dead code', ['knip', '--no-progress']),
  tool('format and lint', ['biome', 'check', '--error-on-warnings', '.']),
  tool(
    'contract',
    ['buf', 'lint'],
    ['buf', 'format', '--diff', '--exit-code'],
    ['buf', 'breaking', '--against', 'proto/baseline.binpb'],
  ),
]

/** @returns {Promise<{ passed: number, failed: number, failures?: string }>} one per tool, and one per unit test */
export async function check() {
  if (!(await buildContract())) return { passed: 0, failed: 1 }
  const waiting = [...steps]
  const results = []
  const lane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const startedAt = performance.now()
      const result = await step.run()
      const { passed, failed } = result
      const counts = passed + failed > 1 ? ` (${passed} passed, ${failed} failed)` : ''
      console.log(
        `  ${failed === 0 ? 'ok  ' : 'FAIL'} ${step.name}${counts} ${seconds(performance.now() - startedAt)}`,
      )
      if (failed > 0) console.log(result.output.trimEnd())
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: lanesMax }, lane))
  return { ...tally(results), failures: results.map((result) => result.failures ?? '').join('') }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await check()
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
