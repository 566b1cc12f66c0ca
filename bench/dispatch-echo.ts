import { Server, ServerCredentials } from '@grpc/grpc-js'
import { NodeSync } from '../src/gen/agentflow/v1/node_sync_pb.js'
import type { NodeCall } from '../src/rpc/node-stream.js'
import { rawMethods } from '../src/rpc/raw-methods.js'

/** A bare grpc-js server that sends each message back. */
const server = new Server({ 'grpc.enable_channelz': 0 })
server.addService(rawMethods(NodeSync), {
  connect: (call: NodeCall) => {
    call.on('data', (bytes: Buffer) => call.write(bytes))
    call.on('end', () => call.end())
  },
})
const listening = new Promise<number>((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) resolve(port)
    else reject(error)
  })
})
process.on('message', async () => process.send?.({ address: `127.0.0.1:${await listening}` }))
