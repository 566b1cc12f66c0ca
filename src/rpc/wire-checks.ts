import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'

/** Throws invalid_request: what a peer sent cannot be understood. */
export function malformed(sentence: string): never {
  throw new ControlError('invalid_request', sentence)
}

/** A present submessage. */
export function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) malformed(`${field} is missing`)
  return value
}

/** A whole number from 0 to 2^53 - 1. */
export function count(value: bigint | number, field: string): number {
  const number = Number(value)
  if (number < 0 || !Number.isSafeInteger(number))
    malformed(`${field} is ${value}, not a whole number from 0`)
  return number
}

/** A whole number from 1. */
export function ordinal(value: bigint | number, field: string): number {
  const number = count(value, field)
  if (number === 0) malformed(`${field} is missing`)
  return number
}

/** 0 on the wire means that there is none. */
export function countOrNull(value: bigint | number, field: string): number | null {
  return count(value, field) || null
}

/** A finite number from 0. */
export function quantity(value: number, field: string): number {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    malformed(`${field} is ${value}, not a number from 0`)
  return value
}

/** A fraction; what rounding carried over 1 counts as 1. */
export function fraction(value: number, field: string): number {
  return Math.min(1, quantity(value, field))
}

/** A fraction, or -1 for none. */
export function fractionOrNull(value: number, field: string): number | null {
  return value === -1 ? null : fraction(value, field)
}

/** An id or a name: not empty, at most limits.linkNameLengthMax characters. */
export function name(value: string, field: string): string {
  if (value === '') malformed(`${field} is missing`)
  return nameOrEmpty(value, field)
}

/** The same, where empty has a meaning. */
export function nameOrEmpty(value: string, field: string): string {
  if (value.length > limits.linkNameLengthMax) {
    malformed(`${field} has ${value.length} characters; at most ${limits.linkNameLengthMax} are taken`)
  }
  return value
}

/** Free text, cut at `lengthMax` UTF-16 units: a long reason must not cost a master its stream. */
export function freeText(value: string, lengthMax: number = limits.linkTextLengthMax): string {
  if (value.length <= lengthMax) return value
  const last = value.charCodeAt(lengthMax - 1)
  const splitsPair = last >= 0xd800 && last < 0xdc00
  return value.slice(0, splitsPair ? lengthMax - 1 : lengthMax)
}

/** A list of at most `max` entries. */
export function atMost<T>(values: readonly T[], max: number, field: string): readonly T[] {
  if (values.length > max) malformed(`${field} has ${values.length} entries; at most ${max} are taken`)
  return values
}

/** JSON of bounded size and nesting; '' = null. */
export function json(text: string, bytesMax: number, field: string): unknown {
  if (text === '') return null
  if (text.length > bytesMax)
    malformed(`${field} has ${text.length} characters; at most ${bytesMax} are taken`)
  if (depth(text) > limits.jsonDepthMax)
    malformed(`${field} is nested deeper than ${limits.jsonDepthMax} levels`)
  try {
    return JSON.parse(text)
  } catch {
    return malformed(`${field} is not JSON`)
  }
}

/** Deepest nesting of brackets outside strings, without recursion. */
function depth(text: string): number {
  let deepest = 0
  let open = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i)
    if (inString) {
      if (char === 0x5c) i += 1
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x5b || char === 0x7b) deepest = Math.max(deepest, ++open)
    else if (char === 0x5d || char === 0x7d) open -= 1
  }
  return deepest
}
