import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'

/**
 * Parses JSON from a peer. Refuses with `invalid_request` what is not JSON, is nested deeper than limits.jsonDepthMax
 * or has a `__proto__` key. The caller has already limited the size.
 */
export function parseJson(text: string, what: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ControlError('invalid_request', `${what} is not valid JSON`, { cause })
  }
  checkShape(value, what)
  return value
}

/** Refuses what parseJson refuses in a value. Level by level, not by recursion: a deep value must not exhaust the stack. */
export function checkShape(root: unknown, what: string): void {
  let level: unknown[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.jsonDepthMax) {
      throw new ControlError('invalid_request', `${what} is nested deeper than ${limits.jsonDepthMax} levels`)
    }
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      if (Object.hasOwn(value, '__proto__')) {
        throw new ControlError('invalid_request', `${what} has a key named __proto__`)
      }
      for (const child of Object.values(value)) {
        if (typeof child === 'object' && child !== null) next.push(child)
      }
    }
    level = next
  }
}
