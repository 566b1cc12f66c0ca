import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { sockets, topicSets } from './fanout.js'

/**
 * A thousand walls in one process. They read WebSocket frames off the wire themselves, because a client that parses
 * each message would be what is measured.
 */
class Receiver {
  frames = 0
  #toSeq = -1
  #left = Buffer.alloc(0)
  /** The answer to its SUBSCRIBE came: from now on it hears every frame. */
  readonly hears: Promise<void>
  #onSubscribed: () => void = () => {}

  constructor(socket: Socket) {
    this.hears = new Promise((resolve) => {
      this.#onSubscribed = resolve
    })
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('close', () => fail('the server closed a socket'))
  }

  #take(chunk: Buffer): void {
    let rest = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk])
    for (let frame = split(rest); frame !== null; frame = split(rest)) {
      rest = rest.subarray(frame.end)
      if (frame.text) this.#check(frame.payload)
    }
    this.#left = Buffer.from(rest)
  }

  #check(payload: Buffer): void {
    const head = /^\{"type":"FRAME","from":(\d+),"to":(\d+),/.exec(payload.toString('latin1', 0, 80))
    if (head === null) {
      this.#onSubscribed()
      return
    }
    const from = Number(head[1])
    if (this.#toSeq !== -1 && from !== this.#toSeq) fail(`a frame starts at ${from} after ${this.#toSeq}`)
    this.#toSeq = Number(head[2])
    this.frames += 1
    missing -= 1
    if (missing === 0) done()
  }
}

/** The first whole WebSocket frame of what a server sent (never masked). */
function split(
  bytes: Buffer,
): { readonly payload: Buffer; readonly end: number; readonly text: boolean } | null {
  if (bytes.length < 2) return null
  const short = (bytes[1] ?? 0) & 0x7f
  const headerBytes = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < headerBytes) return null
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  const end = headerBytes + length
  if (bytes.length < end) return null
  return { payload: bytes.subarray(headerBytes, end), end, text: ((bytes[0] ?? 0) & 0x0f) === 1 }
}

/** A client's text frame: masked with zeros, which leaves the payload as it is. */
function textFrame(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message))
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

async function openWall(port: number, index: number): Promise<Receiver> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.write(
    [
      'GET /ws HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      'upgrade: websocket',
      'connection: upgrade',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
      'sec-websocket-version: 13',
      '',
      '',
    ].join('\r\n'),
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`refused: ${answer}`)
  const receiver = new Receiver(socket)
  socket.write(textFrame({ type: 'AUTH', token: 'bench', frames: true }))
  // Each set hears all tasks, and is another set because of the context.
  socket.write(textFrame({ type: 'SUBSCRIBE', topics: ['tasks', `chat:bench:m${index % topicSets}`] }))
  await receiver.hears
  return receiver
}

let receivers: readonly Receiver[] = []
/** Frames that each receiver should have by now, and how many all of them still lack. */
let expected = 0
let missing = 0
let error: string | null = null
let done: () => void = () => {}

function fail(reason: string): void {
  error ??= reason
  done()
}

async function connectAll(port: number): Promise<void> {
  const opened: Receiver[] = []
  for (let index = 0; index < sockets; index += 1) opened.push(await openWall(port, index))
  receivers = opened
}

async function expectFrames(count: number): Promise<void> {
  expected += count
  missing = receivers.reduce((sum, receiver) => sum + expected - receiver.frames, 0)
  if (missing > 0 && error === null)
    await new Promise<void>((resolve) => {
      done = resolve
    })
  if (receivers.some((receiver) => receiver.frames !== expected))
    error ??= 'a socket got another number of frames'
}

type Order =
  | { readonly do: 'connect'; readonly port: number }
  | { readonly do: 'expect'; readonly frames: number }

process.on('message', async (order: Order) => {
  if (order.do === 'connect') await connectAll(order.port)
  else await expectFrames(order.frames)
  process.send?.({ error })
})
