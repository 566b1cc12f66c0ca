import fastify from 'fastify'

/** A bare Fastify that answers each path with the text that it was given, which it holds as bytes. */
export interface ReferenceRequest {
  readonly bodies: Readonly<Record<string, string>>
}

const bodies = new Map<string, Buffer>()
const app = fastify()
app.get('/api/*', (request, reply) => {
  reply.type('application/json; charset=utf-8').send(bodies.get(request.url))
})

process.on('message', async ({ bodies: given }: ReferenceRequest) => {
  for (const [path, text] of Object.entries(given)) bodies.set(path, Buffer.from(text))
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : null })
})
