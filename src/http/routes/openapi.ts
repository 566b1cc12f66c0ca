import swagger from '@fastify/swagger'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { App } from '../app.js'
import { sendJson } from './answers.js'

/** Must be registered before the routes that it describes. */
export function describeApi(app: App): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'AgentFlow',
        description:
          'Push-only control plane for fleets of AI agents and tasks. docs/protocol.md has the rest.',
        version: '1',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    // Connect's routes have a contract of their own: the .proto files.
    hideUntagged: true,
  })
}

/** The document is made at the first call and kept. */
export function openapiRoute(app: App): void {
  let json: string | null = null
  app.get('/api/openapi.json', { schema: { hide: true } }, async (_, reply) => {
    json ??= JSON.stringify(app.swagger())
    return sendJson(reply, 200, json)
  })
}
