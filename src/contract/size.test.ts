import { describe, expect, it } from 'vitest'
import { parseSize, sizeText } from './size.js'

describe('sizes', () => {
  it('are bytes, or a number with a unit', () => {
    expect(['0', '4096', '512MiB', '1.5 GiB', '2TiB'].map(parseSize)).toEqual([
      0,
      4096,
      512 * 1024 ** 2,
      1.5 * 1024 ** 3,
      2 * 1024 ** 4,
    ])
    expect(['', '-1', '1e3', '5MB', '5 m', 'MiB'].map(parseSize)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
    ])
  })

  it('are told with the unit that fits', () => {
    expect([0, 1023, 1536, 40 * 1024 ** 2, 9.94 * 1024 ** 3].map(sizeText)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '40 MiB',
      '9.9 GiB',
    ])
  })
})
