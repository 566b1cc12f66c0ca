import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Seeded } from './simulator/seeded.js'

/**
 * What becomes of bytes on the way: `pass` as they are; `cut` connections are reset and new ones refused; `stall` nothing
 * arrives, either way, and nothing is closed; `stall_up` and `stall_down` the same one way; `delay` every piece waits
 * for up to `delayMsMax`, in order; `half_open` the far end is gone, the near end is not told.
 */
export type ProxyMode = 'pass' | 'cut' | 'stall' | 'stall_up' | 'stall_down' | 'delay' | 'half_open'

const delayMsMax = 200
/** A stalled pipe holds what came up to this, then the sender is held back by TCP itself. */
const heldBytesMax = 64 * 1024

/** A TCP proxy to a port of this machine that can be made to fail in every way in which a network does. */
export class FaultProxy {
  readonly #port: number
  readonly #random: Seeded
  readonly #server: Server
  readonly #pipes = new Set<Pipe>()
  #mode: ProxyMode = 'pass'

  private constructor(port: number, seed: number) {
    this.#port = port
    this.#random = new Seeded(seed)
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near))
  }

  static async start(port: number, seed = 1): Promise<FaultProxy> {
    const proxy = new FaultProxy(port, seed)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** HOST:PORT of the near side. */
  get address(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    return `127.0.0.1:${address.port}`
  }

  /** From now on, for connections that are open and those that come. Connections that were half open are then reset. */
  become(mode: ProxyMode): void {
    const wasHalfOpen = this.#mode === 'half_open'
    this.#mode = mode
    for (const pipe of this.#pipes) {
      if (mode === 'cut' || wasHalfOpen) pipe.reset()
      else if (mode === 'half_open') pipe.loseFarEnd()
      else pipe.wake()
    }
  }

  close(): void {
    this.#mode = 'cut'
    this.#server.close()
    for (const pipe of this.#pipes) pipe.reset()
  }

  #accept(near: Socket): void {
    if (this.#mode === 'cut') {
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true })
    const pipe = new Pipe(near, far, {
      isHeld: (way) => holds[this.#mode].includes(way),
      delayMs: () => (this.#mode === 'delay' ? this.#random.int(0, delayMsMax) : 0),
      onEnd: () => this.#pipes.delete(pipe),
    })
    this.#pipes.add(pipe)
  }
}

type Way = 'up' | 'down'
const holds: Readonly<Record<ProxyMode, readonly Way[]>> = {
  pass: [],
  cut: [],
  delay: [],
  stall: ['up', 'down'],
  stall_up: ['up'],
  stall_down: ['down'],
  half_open: ['up', 'down'],
}

interface PipeRules {
  isHeld(way: Way): boolean
  delayMs(): number
  onEnd(): void
}

/** One connection through the proxy. */
class Pipe {
  readonly #near: Socket
  readonly #far: Socket
  readonly #lanes: readonly [Lane, Lane]

  constructor(near: Socket, far: Socket, { isHeld, delayMs, onEnd }: PipeRules) {
    this.#near = near
    this.#far = far
    this.#lanes = [
      new Lane(near, far, { isHeld: () => isHeld('up'), delayMs }),
      new Lane(far, near, { isHeld: () => isHeld('down'), delayMs }),
    ]
    let open = 2
    for (const socket of [near, far])
      socket.once('close', () => {
        open -= 1
        if (open === 0) onEnd()
      })
  }

  reset(): void {
    this.#near.resetAndDestroy()
    this.#far.resetAndDestroy()
  }

  loseFarEnd(): void {
    this.#far.resetAndDestroy()
  }

  wake(): void {
    for (const lane of this.#lanes) lane.flow()
  }
}

/** One way of a connection: bytes and its end, in order. What is held is not lost. */
class Lane {
  readonly #from: Socket
  readonly #to: Socket
  readonly #rules: { isHeld(): boolean; delayMs(): number }
  readonly #queue: (Buffer | 'end' | 'reset')[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | null = null

  constructor(from: Socket, to: Socket, rules: { isHeld(): boolean; delayMs(): number }) {
    this.#from = from
    this.#to = to
    this.#rules = rules
    from.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length
      if (this.#bytes > heldBytesMax) from.pause()
      this.#push(chunk)
    })
    from.once('end', () => this.#push('end'))
    to.on('drain', () => this.flow()).once('close', () => this.flow())
    from.on('error', () => this.#push('reset'))
  }

  flow(): void {
    while (this.#timer === null && this.#queue.length > 0 && !this.#isHeld()) {
      const delayMs = this.#rules.delayMs()
      if (delayMs === 0) this.#pass()
      else
        this.#timer = setTimeout(() => {
          this.#timer = null
          if (!this.#isHeld()) this.#pass()
          this.flow()
        }, delayMs)
    }
  }

  #push(item: Buffer | 'end' | 'reset'): void {
    this.#queue.push(item)
    this.flow()
  }

  /** What nobody takes any more is dropped, and read on, so that the end of it is seen. */
  #pass(): void {
    const item = this.#queue.shift()
    if (item === undefined) return
    if (item === 'end') this.#to.end()
    else if (item === 'reset') this.#to.resetAndDestroy()
    else {
      this.#bytes -= item.length
      if (!this.#to.destroyed) this.#to.write(item)
      if (this.#bytes <= heldBytesMax) this.#from.resume()
    }
  }

  /** By a fault, or because the far side takes no more. */
  #isHeld(): boolean {
    return this.#rules.isHeld() || (this.#to.writableNeedDrain && !this.#to.destroyed)
  }
}
