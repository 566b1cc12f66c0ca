import { setTimeout as wait } from 'node:timers/promises'
import { startCluster } from './cluster.js'
import { type Bench, type Measurement, roundsOf, rowOf } from './harness.js'
import { cpuMs } from './machine.js'

/** CPU share of a leader and two masters with nothing to do, meters and keepalive included. */
export const bench: Bench = async (options) => {
  const windowMs = options.quick ? 5_000 : 15_000
  const cluster = await startCluster({ masters: 2 })
  try {
    const pids = Object.entries(cluster.ready.pids).flatMap(([name, pid]) => (name === 'up' ? [] : [pid]))
    const spent = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0)
    // Until V8 has given back what starting took, which it does in steps over the first 40 s.
    await wait(options.quick ? 5_000 : 45_000)
    const measured: Measurement[] = []
    for (let round = 0; round < roundsOf(options); round += 1) {
      const before = { cpu: spent(), at: performance.now() }
      await wait(windowMs)
      measured.push({ ours: (spent() - before.cpu) / (performance.now() - before.at), reference: null })
    }
    return [
      rowOf(
        {
          name: 'idle',
          unit: 'cores',
          better: 'lower',
          bar: 0.01,
          fsync: 'each-commit',
          note: `leader + 2 masters, windows of ${windowMs / 1000} s`,
        },
        measured,
      ),
    ]
  } finally {
    await cluster.stop()
  }
}
