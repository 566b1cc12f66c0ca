import { expect, it } from 'vitest'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { Tail } from './tail.js'

it('keeps the newest lines that fit', () => {
  const tail = new Tail(utf8Text, 10)
  for (const line of ['one', 'two', 'three', 'four']) tail.push(line)
  expect(tail.text()).toBe('three\nfour')
  expect(tail.newest(2)).toEqual(['three', 'four'])
})

it('cuts a line that is too long at its beginning, never inside a character', () => {
  const tail = new Tail(utf8Text, 5)
  tail.push('ééééé')
  expect(tail.text()).toBe('éé')
})

it('is empty before the first line', () => {
  expect(new Tail(utf8Text).text()).toBe('')
})

it('holds no more lines than could be shown', () => {
  const tail = new Tail(utf8Text, 100)
  for (let n = 0; n < 10_000; n += 1) tail.push('')
  expect(tail.newest(10_000).length).toBeLessThanOrEqual(101)
})
