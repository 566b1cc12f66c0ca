import { describe, expect, it } from 'vitest'
import { bytes, duration, percent, span } from './format.js'
import { arcMinutePx, languageIn, themeIn } from './preferences.js'
import { pathOf } from './sparkline.js'
import { hrefTo, hrefWith, placeOf } from './url.js'

describe('formats', () => {
  it('durations have two units at most and are never negative', () => {
    const second = 1_000
    expect([0, 59, 60, 192, 3600, 7500, 90_000].map((seconds) => duration(seconds * second, 'en'))).toEqual([
      '0s',
      '59s',
      '1m',
      '3m 12s',
      '1h',
      '2h 5m',
      '1d 1h',
    ])
    expect(duration(-5, 'en')).toBe('0s')
    expect(duration(192_000, 'zh')).toBe('3分12秒')
  })
  it('short spans show parts of a second', () => {
    expect([0, 340, 1_340, 12_000].map((ms) => span(ms, 'en'))).toEqual(['<1 ms', '340 ms', '1.3 s', '12s'])
    expect([340, 1_340].map((ms) => span(ms, 'zh'))).toEqual(['340毫秒', '1.3秒'])
  })
  it('sizes have at least two digits', () => {
    expect([0, 999, 1_400_000, 34e9].map(bytes)).toEqual(['0 B', '999 B', '1.3 MB', '32 GB'])
  })
  it('a fraction that is not known is not nought', () => {
    expect([percent(0.424), percent(null), percent(undefined)]).toEqual(['42%', '–', '–'])
  })
})

describe('addresses', () => {
  it('keep what describes the page when the screen changes, and drop what described the screen', () => {
    const here = placeOf('/tasks?task=t1&q=x&lang=zh&theme=dark&wall=1')
    expect(here.screen).toBe('tasks')
    expect(hrefTo(here, 'masters', { worker: 'master-1' })).toBe(
      '/masters?wall=1&lang=zh&theme=dark&worker=master-1',
    )
  })
  it('change one parameter and keep the rest of the screen', () => {
    const here = placeOf('/tasks?task=t1&q=x')
    expect(hrefWith(here, { task: null })).toBe('/tasks?q=x')
    expect(hrefWith(here, { status: 'failed' })).toBe('/tasks?task=t1&q=x&status=failed')
  })
  it('say the language and the theme before the browser does', () => {
    const asked = new URLSearchParams('lang=zh-CN&theme=dark')
    expect([languageIn(asked, 'en'), themeIn(asked, 'light')]).toEqual(['zh', 'dark'])
    const none = new URLSearchParams('theme=pink')
    expect([languageIn(none, 'en'), themeIn(none, 'system')]).toEqual(['en', 'system'])
  })
})

it('a 65 inch 4K wall at 5 m: sixteen minutes of arc of letters are about 89 px of type', () => {
  const capHeight = 0.7
  expect((16 * arcMinutePx(3840, 65, 5)) / capHeight).toBeCloseTo(88.7, 0)
})

describe('a sparkline', () => {
  it('is a step up to now, with a hole where nothing was measured', () => {
    const point = (at: number, value: number) => ({ at, value })
    expect(pathOf([point(0, 0), point(120_000, 1)], 1, 240_000, 180_000)).toBe('M60.0 47.0M180.0 1.0H240')
    expect(pathOf([point(0, 0), point(60_000, 1)], 1, 240_000, 240_000)).toBe('M0.0 47.0H60.0V1.0')
  })
  it('leaves out what is older than its span', () => {
    expect(pathOf([{ at: 0, value: 1 }], 1, 10_000, 60_000)).toBe('')
  })
})
