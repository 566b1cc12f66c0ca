import { Agent, get, type IncomingMessage } from 'node:http'

/** A caller of a REST interface in a process of its own: one request in flight, over one connection. */
export interface ReaderRequest {
  readonly api: string
  readonly token: string
  readonly paths: readonly string[]
  /** Answers per path; paths go by turns. */
  readonly count: number
}

/** ms of each answer, from the request to its last byte, by path; and how long the last one was. */
export type ReaderAnswer = Readonly<
  Record<string, { readonly ms: readonly number[]; readonly bytes: number }>
>

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function read(url: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const taken = (answer: IncomingMessage): void => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(bytes)
        else reject(new Error(`${url}: ${answer.statusCode}`))
      })
    }
    get(url, { agent, headers: { authorization: `Bearer ${token}` } }, taken).on('error', reject)
  })
}

async function readAll({ api, token, paths, count }: ReaderRequest): Promise<ReaderAnswer> {
  const answers = Object.fromEntries(paths.map((path) => [path, { ms: [] as number[], bytes: 0 }]))
  for (let n = 0; n < count; n += 1) {
    for (const [path, answer] of Object.entries(answers)) {
      const startedAt = performance.now()
      answer.bytes = await read(api + path, token)
      answer.ms.push(performance.now() - startedAt)
    }
  }
  return answers
}

process.on('message', async (request: ReaderRequest) => process.send?.(await readAll(request)))
