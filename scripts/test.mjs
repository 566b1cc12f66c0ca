#!/usr/bin/env node
/**
 * Everything: tools, build, check, simulation, end to end in a real browser. Nothing is skipped for a missing tool: it
 * is installed, or the run fails with the command that installs it. The last line on stdout is "N passed, N failed".
 */
import { build } from './build.mjs'
import { check } from './check.mjs'
import { seconds } from './command.mjs'
import { installTools } from './tools.mjs'
import { tally, vitest } from './vitest.mjs'

const yesNo = (ok) => ({ passed: Number(ok), failed: Number(!ok) })

const phases = [
  { name: 'tools', run: async () => yesNo(await installTools()), needed: true },
  { name: 'build', run: async () => yesNo(await build()), needed: true },
  { name: 'check', run: check },
  { name: 'simulation', run: () => vitest('sim', { inherit: true }) },
  { name: 'end to end', run: () => vitest('e2e', { inherit: true }) },
  { name: 'walls in a browser', run: () => vitest('walls', { inherit: true }) },
]

const results = []
for (const [index, phase] of phases.entries()) {
  const startedAt = performance.now()
  console.log(`[${index + 1}/${phases.length}] ${phase.name} …`)
  const result = await phase.run()
  results.push(result)
  console.log(
    `[${index + 1}/${phases.length}] ${phase.name}: ${result.passed} passed, ${result.failed} failed in ${seconds(performance.now() - startedAt)}`,
  )
  if (phase.needed && result.failed > 0) break
}

const { passed, failed } = tally(results)
const failures = results.map((result) => result.failures ?? '').join('')
if (failures !== '') console.log(`\n${failures}\n`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
