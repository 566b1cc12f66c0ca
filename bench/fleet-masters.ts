import { FleetMaster, type LeaderAddress } from './fleet-master.js'

export type MastersRequest =
  | { readonly do: 'join'; readonly leader: LeaderAddress; readonly from: number; readonly count: number }
  | { readonly do: 'beat' | 'rest' | 'ended' }

/** Tasks that they have ended so far. */
export interface MastersAnswer {
  readonly ended: number
}

/** Registers under way at a time. */
const joining = 20

/** Some of the masters of a fleet, in one process. */
let masters: FleetMaster[] = []
let ended = 0

async function join({ leader, from, count }: Extract<MastersRequest, { do: 'join' }>): Promise<void> {
  const onEnded = (): void => {
    ended += 1
  }
  masters = Array.from({ length: count }, (_, n) => new FleetMaster(`master-${from + n + 1}`, onEnded))
  const waiting = [...masters]
  const lane = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.join(leader)
  }
  await Promise.all(Array.from({ length: joining }, lane))
}

process.on('message', async (request: MastersRequest) => {
  if (request.do === 'join') await join(request)
  if (request.do === 'beat') for (const master of masters) master.beat()
  if (request.do === 'rest') for (const master of masters) master.rest()
  process.send?.({ ended } satisfies MastersAnswer)
})
