import { Readable } from 'node:stream'
import { refusalOf, toBatchItem } from '../contract/batch-items.js'
import { parseJson } from '../contract/json.js'
import type { BatchLine } from '../contract/work.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'

export interface NdjsonBatchOptions {
  readonly plane: Pick<ControlPlane, 'execute'>
  readonly caller: Caller
  /** Lines of JSON, an item each. */
  readonly body: Readable
  /** The reader has begun: the head of the answer can go out. */
  readonly onStarted?: () => void
}

const newline = 0x0a

/**
 * One task per line of the body; gives a result line per item as it is committed or refused, with the item's index.
 * Flow: at most limits.batchLinesOpen lines are taken whose result the reader has not, then the body is not read any
 * more; so a slow reader slows the sender down, and memory holds no more than that. When either side is gone the intake
 * stops; what was told stays. A stream on which nothing moves for limits.batchStreamIdleMs is cut.
 */
export class NdjsonBatch extends Readable {
  readonly #options: NdjsonBatchOptions
  /** Bytes that are not taken yet, from `#offset` on. */
  #rest: Buffer = Buffer.alloc(0)
  #offset = 0
  /** The line that begins in `#rest` was refused for its length already. */
  #isSkipping = false
  #nextIndex = 0
  // Invariant: #open = lines that are being decided + #ready.length ≤ limits.batchLinesOpen.
  #open = 0
  #ready: string[] = []
  #isWanted = false
  #hasStarted = false
  #input: 'reading' | 'ended' | 'gone' = 'reading'
  readonly #idle: NodeJS.Timeout

  constructor(options: NdjsonBatchOptions) {
    super()
    this.#options = options
    this.#idle = setTimeout(() => this.destroy(), limits.batchStreamIdleMs)
    const { body } = options
    body.on('data', (chunk: Buffer) => this.#receive(chunk))
    body.on('end', () => this.#ended())
    body.on('error', () => this.destroy())
    body.on('close', () => {
      if (this.#input === 'reading') this.destroy()
    })
  }

  override _read(): void {
    this.#isWanted = true
    if (!this.#hasStarted) {
      this.#hasStarted = true
      this.#options.onStarted?.()
    }
    this.#give()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle)
    this.#input = 'gone'
    this.#rest = Buffer.alloc(0)
    this.#options.body.destroy()
    done(error)
  }

  #receive(chunk: Buffer): void {
    const left = this.#rest.subarray(this.#offset)
    this.#rest = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    this.#offset = 0
    this.#take()
  }

  /** Takes lines while there is room for their results. */
  #take(): void {
    if (this.#input === 'gone') return
    while (this.#open < limits.batchLinesOpen) {
      const end = this.#rest.indexOf(newline, this.#offset)
      if (end === -1) break
      const line = this.#rest.subarray(this.#offset, end)
      this.#offset = end + 1
      this.#line(line)
    }
    const hasRoom = this.#open < limits.batchLinesOpen
    if (hasRoom && this.#input === 'ended' && this.#offset < this.#rest.length) {
      const line = this.#rest.subarray(this.#offset)
      this.#offset = this.#rest.length
      this.#line(line)
    }
    if (hasRoom) this.#cutLongLine()
    if (this.#input !== 'reading') return
    if (hasRoom) this.#options.body.resume()
    else this.#options.body.pause()
  }

  /** A line that is too long is refused before its end is here, and the rest of it passed over. */
  #cutLongLine(): void {
    if (!this.#isSkipping && this.#rest.length - this.#offset <= limits.requestBytesMax) return
    const isKnown = this.#isSkipping
    this.#isSkipping = true
    this.#offset = this.#rest.length
    if (!isKnown) this.#refuse(tooLong())
  }

  #line(bytes: Buffer): void {
    this.#idle.refresh()
    if (this.#isSkipping) {
      this.#isSkipping = false
      return
    }
    if (bytes.length > limits.requestBytesMax) {
      this.#refuse(tooLong())
      return
    }
    const text = bytes.toString('utf8').trim()
    if (text === '') return
    const item = itemOf(text)
    if (item.kind === 'refused') {
      this.#refuse(new ControlError(item.code, item.message))
      return
    }
    const index = this.#begin()
    const { spec, projectId } = item
    const { plane, caller } = this.#options
    plane.execute(caller, { command: { name: 'submit_task', spec }, projectId }).then(
      (answer) => {
        if (answer.kind === 'task') this.#tell({ index, taskId: answer.taskId, created: answer.created })
        else this.#tell(refusalOf(index, new Error(`a submit was answered with ${answer.kind}`)))
      },
      (thrown: unknown) => this.#tell(refusalOf(index, thrown)),
    )
  }

  #refuse(error: ControlError): void {
    this.#tell(refusalOf(this.#begin(), error))
  }

  #begin(): number {
    this.#open += 1
    this.#nextIndex += 1
    return this.#nextIndex - 1
  }

  #tell(line: BatchLine): void {
    if (this.#input === 'gone') return
    this.#ready.push(`${JSON.stringify(line)}\n`)
    this.#give()
  }

  #give(): void {
    if (!this.#isWanted || this.#input === 'gone') return
    if (this.#ready.length > 0) {
      const text = this.#ready.join('')
      this.#open -= this.#ready.length
      this.#ready = []
      this.#isWanted = false
      this.#idle.refresh()
      this.push(text)
      this.#take()
    }
    const isOver = this.#input === 'ended' && this.#open === 0 && this.#offset >= this.#rest.length
    if (isOver) this.push(null)
  }

  #ended(): void {
    if (this.#input !== 'reading') return
    this.#input = 'ended'
    this.#take()
    this.#give()
  }
}

const tooLong = (): ControlError =>
  new ControlError('too_large', `the line is longer than ${limits.requestBytesMax} bytes`)

function itemOf(text: string): ReturnType<typeof toBatchItem> {
  try {
    return toBatchItem(parseJson(text, 'the line'))
  } catch (thrown) {
    if (!(thrown instanceof ControlError)) throw thrown
    return { kind: 'refused', code: thrown.code, message: thrown.message }
  }
}
