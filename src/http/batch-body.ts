import { JSONParser, TokenType } from '@streamparser/json'
import { toBatchItem } from '../contract/batch-items.js'
import { checkShape } from '../contract/json.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { BatchIntake, BatchItemRequest } from '../ports/control-plane.js'

/**
 * Reads `{"atomic":…,"merge":…,"items":[…]}` as it arrives and hands the items over as they are complete, so that a large body is
 * never held whole and never parsed in one go. Refuses with `invalid_request` or `too_large`.
 */
export async function readBatch(
  body: AsyncIterable<Uint8Array>,
  intake: Pick<BatchIntake, 'add'>,
): Promise<Flags & { readonly bytes: number }> {
  const reader = new BatchReader()
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > limits.batchBytesMax)
      throw new ControlError('too_large', `The body is over ${limits.batchBytesMax} bytes; send it in parts.`)
    const items = reader.write(chunk)
    if (items.length > 0) await intake.add(items)
  }
  return { ...reader.end(), bytes }
}

/** What stands beside the items. */
interface Flags {
  readonly atomic: boolean
  readonly merge: boolean
}

/** Containers around an item: the body and its array. */
const itemDepth = 2

class BatchReader {
  readonly #parser = new JSONParser({
    paths: ['$.items.*', '$.*'],
    keepStack: false,
    stringBufferSize: 64 * 1024,
  })
  #depth = 0
  #isObject = false
  readonly #flags = { atomic: false, merge: false }
  readonly #keys = new Set<string>()
  #items: BatchItemRequest[] = []

  constructor() {
    this.#parser.onToken = ({ token }) => this.#count(token)
    this.#parser.onValue = ({ key, value, stack }) => {
      if (stack.length === itemDepth) this.#item(key, value)
      else this.#field(String(key), value)
    }
  }

  /** Items that this piece completes. */
  write(chunk: Uint8Array): readonly BatchItemRequest[] {
    this.#guarded(() => this.#parser.write(chunk))
    const items = this.#items
    this.#items = []
    return items
  }

  end(): Flags {
    this.#guarded(() => {
      if (!this.#parser.isEnded) this.#parser.end()
    })
    if (!this.#isObject) throw new ControlError('invalid_request', 'body: expected object')
    if (!this.#keys.has('items')) throw new ControlError('invalid_request', 'body.items: is missing (array)')
    return this.#flags
  }

  /** A deep value must not exhaust memory before it is complete. */
  #count(token: TokenType): void {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      if (this.#depth === 0) this.#isObject = token === TokenType.LEFT_BRACE
      if (this.#depth === 0 && !this.#isObject)
        throw new ControlError('invalid_request', 'body: expected object')
      this.#depth += 1
      if (this.#depth > limits.jsonDepthMax + itemDepth)
        throw new ControlError('invalid_request', `body is nested deeper than ${limits.jsonDepthMax} levels`)
    } else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1
  }

  #item(key: unknown, value: unknown): void {
    if (typeof key !== 'number') throw new ControlError('invalid_request', 'body.items: expected array')
    if (this.#keys.has('items')) throw new ControlError('invalid_request', 'body.items: is given twice')
    checkShape(value, `item ${key}`)
    this.#items.push(toBatchItem(value))
  }

  #field(key: string, value: unknown): void {
    if (this.#keys.has(key)) throw new ControlError('invalid_request', `body.${key}: is given twice`)
    this.#keys.add(key)
    if (key === 'atomic' || key === 'merge') {
      if (typeof value !== 'boolean')
        throw new ControlError('invalid_request', `body.${key}: expected boolean`)
      this.#flags[key] = value
    } else if (key === 'items') {
      if (!Array.isArray(value)) throw new ControlError('invalid_request', 'body.items: expected array')
    } else throw new ControlError('invalid_request', `body: unknown key "${key}"`)
  }

  #guarded(act: () => void): void {
    try {
      act()
    } catch (thrown) {
      if (thrown instanceof ControlError) throw thrown
      throw new ControlError('invalid_request', 'The body is not valid JSON.', { cause: thrown })
    }
  }
}
