import { createServer } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Bare Node: parses each line of a body and answers one as long as the leader's, as its reader takes them. */
class Results extends Transform {
  #rest = ''
  #index = 0

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, results: string) => void): void {
    const lines = (this.#rest + chunk.toString()).split('\n')
    this.#rest = lines.pop() ?? ''
    let results = ''
    for (const line of lines) {
      JSON.parse(line)
      results += `{"index":${this.#index},"taskId":"t1aaaa","created":false}\n`
      this.#index += 1
    }
    done(null, results)
  }
}

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
  pipeline(request, new Results(), response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1')

process.on('message', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : null })
})
