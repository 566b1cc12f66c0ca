import { percent } from './print.js'

/** One line on stderr that is written over while something goes on; nothing where nobody watches. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream
  #isShown = false

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  show(done: number, total: number, what: string): void {
    if (!this.#stream.isTTY) return
    this.#isShown = true
    const share = total === 0 ? '' : ` (${percent(done / total)})`
    this.#stream.write(`\r\u001b[K${done}${total === 0 ? '' : ` of ${total}`} ${what}${share}`)
  }

  /** Takes it away. */
  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[K')
    this.#isShown = false
  }
}
