import { MemoryStreams, StreamsDisk } from './memory-streams.js'
import { type StreamsHarness, streamsContract } from './streams-contract.js'

function harnessOn(disk: StreamsDisk): StreamsHarness {
  const streams = new MemoryStreams(disk)
  return {
    streams,
    close: () => streams.close(),
    reopen: async () => {
      await streams.close()
      return harnessOn(disk)
    },
  }
}

streamsContract('memory', async () => harnessOn(new StreamsDisk()))
