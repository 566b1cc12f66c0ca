import { stripVTControlCharacters } from 'node:util'
import { wantsColour } from '../compose/config.js'
import type { ControlError } from '../core/errors.js'

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34 } as const
export type Style = keyof typeof codes

/** Styled when people read it on a terminal that takes it. */
export const styled = (style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  wantsColour(stream) ? `\u001b[${codes[style]}m${text}\u001b[0m` : text

export const say = (text: string): void => void process.stdout.write(`${text}\n`)
/** For what is not the answer: hints, progress of a wait. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`)
export const sayJson = (value: unknown): void => say(JSON.stringify(value))

/** Columns side by side, each as wide as its widest cell; the last one is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => width(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === head.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      )
      .join('  ')
      .trimEnd()
  return [styled('dim', line(head)), ...rows.map(line)].join('\n')
}

/** Columns on a terminal: escape codes take none, CJK and other wide characters two. */
function width(text: string): number {
  let columns = 0
  for (const character of stripVTControlCharacters(text)) {
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
        character,
      )
        ? 2
        : 1
  }
  return columns
}

/** `3 s`, `4 min`, `2 h`, `5 d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 120 * 60) return `${Math.round(seconds / 60)} min`
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

export const percent = (fraction: number | undefined): string =>
  fraction === undefined ? '–' : `${Math.round(fraction * 100)} %`

/** Text of a foreign program without what could steer a terminal or turn the reading order around. */
export const plain = (text: string): string =>
  stripVTControlCharacters(text).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\t' || character === '\n' ? character : '',
  )

/** On stderr: its message, or with --json its body. */
export function printError(error: ControlError, json: boolean): void {
  if (json) {
    process.stderr.write(`${JSON.stringify(error.toBody())}\n`)
    return
  }
  process.stderr.write(`agentflow: ${error.message}\n`)
  // A defect: its cause is what a report needs.
  if (error.code === 'internal' && error.cause instanceof Error)
    process.stderr.write(`${error.cause.stack}\n`)
}
