import type { CDPSession, Page } from 'playwright-core'

/** What a page and its worker keep, garbage collected. */
export interface Heap {
  bytes(): Promise<number>
}

interface Answer {
  readonly id?: number
  readonly result?: { readonly usedSize?: number }
}

/** The worker has a heap of its own, which is reached through the page's session only. */
export async function openHeap(page: Page): Promise<Heap> {
  const session = await page.context().newCDPSession(page)
  const worker = await workerOf(session)
  return {
    bytes: async () => {
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      await worker('HeapProfiler.collectGarbage')
      const { usedSize: ofWorker = Number.NaN } = await worker('Runtime.getHeapUsage')
      return usedSize + ofWorker
    },
  }
}

type Ask = (method: string) => Promise<{ readonly usedSize?: number }>

async function workerOf(session: CDPSession): Promise<Ask> {
  const attached = new Promise<string>((resolve) =>
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') resolve(sessionId)
    }),
  )
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false })
  const sessionId = await attached
  const waiting = new Map<number, (result: NonNullable<Answer['result']>) => void>()
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as Answer
    if (id !== undefined) waiting.get(id)?.(result ?? {})
  })
  let asked = 0
  return (method) => {
    asked += 1
    const id = asked
    const answer = new Promise<NonNullable<Answer['result']>>((resolve) => waiting.set(id, resolve))
    void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) })
    return answer.finally(() => waiting.delete(id))
  }
}
