import { startChild } from './child.js'
import type { FleetSize } from './web-fleet.js'
import type { Order, Rates } from './web-server.js'

/** The product's socket endpoint and hub in another process, fed by a generated fleet. */
export interface Generator {
  readonly origin: string
  run(rates: Partial<Rates>): Promise<void>
  /** Ends the run; resolves with how many changes were published. */
  rest(): Promise<number>
  tellTasks(): Promise<void>
  end(): void
}

export async function startGenerator(size: Partial<FleetSize>): Promise<Generator> {
  const child = startChild('web-server.js')
  const ask = <T>(order: Order) => child.ask<T>(order)
  const fleet = { masters: 1, agentsEach: 0, tasks: 0, ...size }
  const { port } = await ask<{ readonly port: number }>({ do: 'listen', fleet })
  return {
    origin: `http://127.0.0.1:${port}`,
    run: async (rates) => {
      await ask({ do: 'run', rates: { nodesPerS: 0, tasksPerS: 0, linesPerS: 0, ...rates } })
    },
    rest: async () => (await ask<{ readonly sent: number }>({ do: 'rest' })).sent,
    tellTasks: async () => {
      await ask({ do: 'tell_tasks' })
    },
    end: () => child.end(),
  }
}
