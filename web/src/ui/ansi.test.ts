import { describe, expect, it } from 'vitest'
import { reveal, textRuns } from './ansi.js'

const text = (line: string) =>
  textRuns(line)
    .map((run) => run.text)
    .join('')

describe('a line of output', () => {
  it('keeps its colours as class names', () => {
    expect(textRuns('a \u001b[31mred\u001b[0m b')).toEqual([
      { text: 'a ', className: '' },
      { text: 'red', className: 'ansi-red' },
      { text: ' b', className: '' },
    ])
    expect(textRuns('\u001b[1;92mok\u001b[0m')).toEqual([
      { text: 'ok', className: 'ansi-green font-semibold' },
    ])
  })

  it('drops colours that would not keep their contrast', () => {
    expect(textRuns('\u001b[38;5;16mdark\u001b[0m')).toEqual([{ text: 'dark', className: '' }])
    expect(textRuns('\u001b[30;40mhidden\u001b[0m')).toEqual([{ text: 'hidden', className: '' }])
  })

  it('drops every other sequence', () => {
    expect(text('\u001b]0;title\u0007shown')).toBe('shown')
    expect(text('\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\')).toBe('link')
    expect(text('\u001b[2J\u001b[Hclear')).toBe('clear')
    expect(text('cut off \u001b[')).not.toContain('\u001b')
  })

  it('is never markup', () => {
    expect(text('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>')
    expect(text('\u001b[31m<b>&amp;</b>\u001b[0m')).toBe('<b>&amp;</b>')
  })

  it('shows what a terminal would show of a line that was written over', () => {
    expect(text('10%\r50%\r100%\r')).toBe('100%')
  })
})

it('what cannot be seen is shown', () => {
  expect(reveal('evil\u202etxt.exe')).toBe('evil<U+202E>txt.exe')
  expect(reveal('zero\u200bwidth\u0007')).toBe('zero<U+200B>width<U+0007>')
  expect(reveal('tab\tand 中文 stay')).toBe('tab\tand 中文 stay')
})
