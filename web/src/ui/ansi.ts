import Anser from 'anser'

/** A piece of a line: plain text with class names that the style sheet knows. */
export interface TextRun {
  readonly text: string
  readonly className: string
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about.
const operatingSystemCommand = /\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const controlNotColor = /\u001b\[[0-?]*[ -/]*[@-ln-~]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const escapeLeft = /\u001b(?!\[[0-9;]*m)./g
/** Controls, bidirectional overrides, zero-width and other invisible characters that could disguise text. */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** Shows what cannot be seen, so that a line cannot pretend to be another one. */
export function reveal(text: string): string {
  return text.replace(
    invisible,
    (character) => `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  )
}

/** A line of a program's output → runs of text. Colour is kept, every other sequence is dropped, nothing is markup. */
export function textRuns(line: string): readonly TextRun[] {
  // A program that draws a progress bar rewrites its line: the last writing is what a terminal would show.
  const shown = line.replace(/\r+$/, '')
  const last = shown.slice(shown.lastIndexOf('\r') + 1)
  const clean = reveal(
    last.replace(operatingSystemCommand, '').replace(controlNotColor, '').replace(escapeLeft, ''),
  )
  if (!clean.includes('\u001b')) return [{ text: clean, className: '' }]
  return Anser.ansiToJson(clean, { json: true, use_classes: true, remove_empty: true }).map((part) => ({
    text: reveal(part.content.replaceAll('\u001b', '')),
    className: classOf(part.fg, part.decorations),
  }))
}

const plain = new Set(['ansi-black', 'ansi-white', 'ansi-bright-white'])

/** Only colours that keep their contrast on our ground; anything else stays ink. */
function classOf(color: string | null, decorations: readonly string[]): string {
  const names: string[] = []
  const base = (color ?? '').replace('ansi-bright-', 'ansi-')
  if (color === 'ansi-bright-black') names.push('ansi-dim')
  else if (/^ansi-(red|green|yellow|blue|magenta|cyan)$/.test(base) && !plain.has(base)) names.push(base)
  if (decorations.includes('bold')) names.push('font-semibold')
  if (decorations.includes('dim')) names.push('ansi-dim')
  if (decorations.includes('italic')) names.push('italic')
  if (decorations.includes('underline')) names.push('underline')
  return names.join(' ')
}
