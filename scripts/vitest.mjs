import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command } from './command.mjs'

export const tally = (results) => ({
  passed: results.reduce((sum, result) => sum + result.passed, 0),
  failed: results.reduce((sum, result) => sum + result.failed, 0),
})

/**
 * Runs one project of vitest.config.ts. A skipped test, a file that does not load and an empty project count as
 * failed: what was not run is not known to work.
 * @param {'unit' | 'sim' | 'e2e'} project
 * @param {{ inherit?: boolean }} options `inherit`: the reporter writes to our output as it goes
 */
export async function vitest(project, { inherit = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-vitest-'))
  const report = join(folder, 'report.json')
  try {
    const result = await command(
      'vitest',
      ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      { inherit },
    )
    const counts = countsOf(report)
    const failed = result.ok ? counts.failed : Math.max(1, counts.failed)
    return { passed: counts.passed, failed, output: result.output }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function countsOf(report) {
  let parsed
  try {
    parsed = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    // vitest ended before it wrote the report.
    return { passed: 0, failed: 1 }
  }
  const tests = parsed.testResults.flatMap((file) =>
    file.assertionResults.length === 0 ? [{ status: 'failed' }] : file.assertionResults,
  )
  const passed = tests.filter((test) => test.status === 'passed').length
  return { passed, failed: tests.length - passed || Number(passed === 0) }
}
