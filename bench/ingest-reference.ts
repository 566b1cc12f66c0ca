import { Server, ServerCredentials } from '@grpc/grpc-js'
import { NodeSync } from '../src/gen/agentflow/v1/node_sync_pb.js'
import type { NodeCall } from '../src/rpc/node-stream.js'
import { protobufCodec as codec } from '../src/rpc/node-sync-codec.js'
import { rawMethods } from '../src/rpc/raw-methods.js'
import { registerSample, welcomeSample } from '../src/testing/link-samples.js'
import type { IngestServer } from './ingest.js'

/** A bare grpc-js server that decodes every update by the same codec, and answers pings so that an end is seen. */
async function listen(): Promise<IngestServer> {
  const server = new Server({ 'grpc.enable_channelz': 0 })
  server.addService(rawMethods(NodeSync), {
    connect: (call: NodeCall) => {
      const stream = { nodeId: '', incarnation: registerSample.incarnation }
      const answer = (command: Parameters<typeof codec.encodeCommand>[0]): void => {
        call.write(Buffer.from(codec.encodeCommand(command)))
      }
      call.on('data', (bytes: Buffer) => {
        if (stream.nodeId === '') {
          stream.nodeId = codec.decodeRegister(bytes).nodeId
          answer(welcomeSample)
          return
        }
        for (const update of codec.decodeUpdates(bytes, stream)) {
          if (update.kind === 'ping') answer({ kind: 'pong', nonce: update.nonce })
        }
      })
      call.on('end', () => call.end())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  return { grpc: `127.0.0.1:${port}`, joinKey: 'any', http: null }
}

const listening = listen()
process.on('message', async () => process.send?.(await listening))
