import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { command } from './command.mjs'
import { root } from './inputs.mjs'

/** Lines of each failed test's message that are printed. */
const failureLinesMax = 20

export const tally = (results) => ({
  passed: results.reduce((sum, result) => sum + result.passed, 0),
  failed: results.reduce((sum, result) => sum + result.failed, 0),
})

/**
 * Runs one project of vitest.config.ts. A skipped test, a file that does not load and an empty project count as
 * failed: what was not run is not known to work.
 * @param {'unit' | 'sim' | 'e2e'} project
 * @param {{ inherit?: boolean }} options `inherit`: the reporter writes to our output as it goes
 * @returns {Promise<{ passed: number, failed: number, output: string, failures: string }>}
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
    return {
      passed: counts.passed,
      failed,
      output: counts.failures || result.output,
      failures: counts.failures,
    }
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
    return { passed: 0, failed: 1, failures: '' }
  }
  const tests = parsed.testResults.flatMap((file) =>
    (file.assertionResults.length === 0
      ? [{ status: 'failed', fullName: 'the file did not load', failureMessages: [file.message] }]
      : file.assertionResults
    ).map((test) => ({ ...test, file: relative(root, file.name) })),
  )
  const passed = tests.filter((test) => test.status === 'passed').length
  return {
    passed,
    failed: tests.length - passed || Number(passed === 0),
    failures: tests
      .filter((test) => test.status !== 'passed')
      .map(failureText)
      .join('\n'),
  }
}

/** A failed test in a few lines: a log that keeps only the end of a run still says what broke. */
function failureText({ file, fullName, status, failureMessages }) {
  const message = (failureMessages ?? [])
    .flatMap((text) => text.split('\n'))
    .filter((line) => !line.includes('/node_modules/'))
    .slice(0, failureLinesMax)
  return [`  ${status}: ${file} > ${fullName}`, ...message.map((line) => `    ${line}`)].join('\n')
}
