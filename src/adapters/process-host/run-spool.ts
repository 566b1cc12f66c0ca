import { type FSWatcher, rmSync, watch } from 'node:fs'
import type { Log } from '../../ports/log.js'
import { note, type OutputName, runFiles } from './run-record.js'
import { SpoolStream } from './spool-stream.js'

/** What both output streams of a run need of it. */
export interface RunSpoolHolder {
  onOutput(stream: OutputName, offset: number, bytes: Uint8Array, done: () => void): void
  onOutputGap(stream: OutputName, from: number, to: number): void
  /** Stop the writers, call `cut`, let them go on. */
  onFull(stream: OutputName): void
}

/** The two output files of a run and the notification that they grew. */
export class RunSpool {
  readonly #folder: string
  readonly #log: Log
  readonly #streams: Readonly<Record<OutputName, SpoolStream>>
  #watcher: FSWatcher | null = null

  constructor(options: {
    readonly folder: string
    readonly base: Readonly<Record<OutputName, number>>
    readonly bytesMax: number
    readonly log: Log
    readonly holder: RunSpoolHolder
  }) {
    const { folder, base, bytesMax, holder } = options
    this.#folder = folder
    this.#log = options.log
    const stream = (name: OutputName): SpoolStream =>
      new SpoolStream({
        path: runFiles(folder)[name],
        base: base[name],
        bytesMax,
        holder: {
          onChunk: (offset, bytes, done) => holder.onOutput(name, offset, bytes, done),
          onGap: (from, to) => holder.onOutputGap(name, from, to),
          onFull: () => holder.onFull(name),
          onBase: (newBase, cutBytes) => this.#noteBase(name, newBase, cutBytes),
          onError: (error) =>
            this.#log.error('output of a run cannot be read', { folder, stream: name, error }),
        },
      })
    this.#streams = { out: stream('out'), err: stream('err') }
  }

  /** Hears of growth from the kernel. Where it cannot, `poke` at each sample does. */
  follow(): void {
    try {
      this.#watcher = watch(this.#folder, (_event, name) => {
        if (name === 'out' || name === 'err') this.#streams[name].poke()
      })
      this.#watcher.on('error', (error) => {
        this.#log.warn('output is read once a second: the watch on it failed', {
          folder: this.#folder,
          error,
        })
        this.#unwatch()
      })
    } catch (error) {
      this.#log.warn('output is read once a second: it cannot be watched', { folder: this.#folder, error })
    }
  }

  get outBytes(): number {
    return this.#streams.out.size
  }

  get errBytes(): number {
    return this.#streams.err.size
  }

  poke(): void {
    this.#streams.out.poke()
    this.#streams.err.poke()
  }

  seek(stream: OutputName, offset: number): void {
    this.#streams[stream].seek(offset)
  }

  cut(stream: OutputName): void {
    this.#streams[stream].cut()
  }

  /** Nobody writes any more: resolves when all was handed over. */
  async finish(): Promise<void> {
    this.#unwatch()
    await Promise.all([this.#streams.out.finish(), this.#streams.err.finish()])
  }

  close(): void {
    this.#unwatch()
    this.#streams.out.close()
    this.#streams.err.close()
  }

  /** Closes and deletes everything that is kept of the run. */
  remove(): void {
    this.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** A full disk must not keep the cut from making room. */
  #noteBase(stream: OutputName, base: number, cutBytes: number): void {
    try {
      note(this.#folder, { note: 'base', stream, base, cutBytes })
    } catch (error) {
      this.#log.warn('a cut of output could not be noted', { folder: this.#folder, stream, error })
    }
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = null
  }
}
