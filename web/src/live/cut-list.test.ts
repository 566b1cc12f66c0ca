import { expect, it } from 'vitest'
import { cutList } from './cut-list.js'

const isBad = (number: number) => number % 4 === 0

it('keeps the order while all fit', () => {
  expect(cutList([1, 2, 3, 4], 4, isBad)).toEqual({ shown: [1, 2, 3, 4], total: 4, bad: 1, hasAllBad: true })
})

it('cut, it never leaves out what needs somebody for what does not', () => {
  expect(cutList([1, 2, 3, 4, 5, 8], 3, isBad)).toEqual({
    shown: [4, 8, 1],
    total: 6,
    bad: 2,
    hasAllBad: true,
  })
  expect(cutList([4, 8, 12, 1], 2, isBad)).toMatchObject({ shown: [4, 8], bad: 3, hasAllBad: false })
})
