import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { FaultProxy } from './fault-proxy.js'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A client and the server's end of its connection, with the proxy between them. */
async function joined() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const proxy = await FaultProxy.start(address.port)
  const accepted = once(server, 'connection')
  const near = dial(proxy)
  const [far] = (await accepted) as [Socket]
  far.on('error', () => undefined)
  cleanups.push(
    () => proxy.close(),
    () => server.close(),
    () => near.destroy(),
    () => far.destroy(),
  )
  return { proxy, near, far, heardNear: textOf(near), heardFar: textOf(far) }
}

function dial(proxy: FaultProxy): Socket {
  const near = connect(Number(proxy.address.split(':')[1]), '127.0.0.1')
  near.on('error', () => undefined)
  return near
}

/** Also by a reset. */
const closed = (socket: Socket): Promise<void> => new Promise((done) => socket.once('close', () => done()))

/** What a socket has read so far; `has` resolves when it is this. */
function textOf(socket: Socket) {
  let text = ''
  const waiting = new Set<() => void>()
  socket.on('data', (chunk) => {
    text += String(chunk)
    for (const look of waiting) look()
  })
  return {
    get text() {
      return text
    },
    has: (wanted: string): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (text !== wanted) return
          waiting.delete(look)
          done()
        }
        waiting.add(look)
        look()
      }),
  }
}

it('passes bytes both ways, and the end of either side', async () => {
  const { near, far, heardNear, heardFar } = await joined()
  near.write('up')
  far.write('down')
  await Promise.all([heardFar.has('up'), heardNear.has('down')])
  near.end('.')
  await once(far, 'end')
  expect(heardFar.text).toBe('up.')
})

it('stalls one way and not the other, and loses nothing of what it held', async () => {
  const { proxy, near, far, heardNear, heardFar } = await joined()
  proxy.become('stall_up')
  near.write('held ')
  far.write('passed')
  await heardNear.has('passed')
  near.end('back')
  expect(heardFar.text).toBe('')
  proxy.become('pass')
  await heardFar.has('held back')
})

it('keeps the order of what it delays', async () => {
  const { proxy, near, heardFar } = await joined()
  proxy.become('delay')
  for (const digit of '0123') {
    near.write(digit)
    await heardFar.has('0123'.slice(0, Number(digit) + 1))
  }
})

it('resets what is open and refuses what comes while it is cut', async () => {
  const { proxy, near, far } = await joined()
  proxy.become('cut')
  await Promise.all([closed(near), closed(far)])
  await closed(dial(proxy))
})

it('loses the far end without a word to the near one, until it passes again', async () => {
  const { proxy, near, far, heardNear } = await joined()
  let nearEnds = 0
  near.once('close', () => {
    nearEnds += 1
  })
  proxy.become('half_open')
  await closed(far)
  near.write('into nothing')
  expect([nearEnds, heardNear.text]).toEqual([0, ''])
  proxy.become('pass')
  await closed(near)
})
