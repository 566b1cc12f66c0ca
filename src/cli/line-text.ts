import type { Line } from '../client/index.js'
import { plain, sayJson, styled } from './print.js'

/** How a followed line is written: as JSON, or as the program wrote it, each stream to its own. */
export function lineText(flags: { readonly json?: true }): (line: Line) => void {
  if (flags.json === true) return sayJson
  return (line) => {
    if ('gap' in line) {
      process.stderr.write(`${gapText(line)}\n`)
      return
    }
    const stream = line.stream === 'out' ? process.stdout : process.stderr
    stream.write(`${plain(line.text)}\n`)
  }
}

/** One line of `task logs`: colour by level, all on stdout. */
export function logText(line: Line): string {
  if ('gap' in line) return gapText(line)
  const text = plain(line.text)
  if (line.level === 'error') return styled('red', text)
  if (line.level === 'warning') return styled('yellow', text)
  return line.level === 'debug' ? styled('dim', text) : text
}

const gapText = ({ gap }: Extract<Line, { gap: unknown }>): string =>
  styled('yellow', `… lines missing: ${gap.reason} …`)
