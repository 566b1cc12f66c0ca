import { expect, it } from 'vitest'
import { instantIn } from './address.js'

const of = (search: string) => instantIn(new URLSearchParams(search))

it('reads an instant out of an address', () => {
  expect(of('at=1795920000000&wall=1')).toBe(1_795_920_000_000)
})

it('takes an address without one for the present', () => {
  expect([of(''), of('at=')]).toEqual([null, null])
})

it.each(['yesterday', '-1', '1.5', '1e9', '99999999999999999', ' 5'])('takes "%s" for no instant', (text) => {
  expect(of(`at=${encodeURIComponent(text)}`)).toBe('invalid')
})
