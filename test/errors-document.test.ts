import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exitCodeOf } from '../src/cli/exit-codes.js'
import { ControlError, errorCatalogue, isErrorCode } from '../src/core/errors.js'

/** Rows of the table: code, HTTP status, gRPC code, exit code, retryable, meaning. */
const documented = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `.*\|$/gm)].map(([row]) =>
  row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim()),
)

it('docs/errors.md says of each code what the catalogue does, in its order', () => {
  const catalogued = Object.entries(errorCatalogue).map(([code, kind]) => [
    `\`${code}\``,
    String(kind.status),
    kind.grpc,
    String(exitCodeOf(new ControlError(isErrorCode(code) ? code : 'internal', ''))),
    kind.retryable ? 'yes' : 'no',
    kind.meaning,
  ])
  expect(documented).toEqual(catalogued)
})
