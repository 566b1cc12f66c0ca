import { setTimeout as pause } from 'node:timers/promises'
import type { ChaosProcess } from './chaos-process.js'
import type { ChaosMaster, Cluster } from './cluster.js'
import type { Fault, FaultPlan } from './fault-plan.js'
import type { History } from './history.js'
import { wardenPid } from './warden-pid.js'

/** Carries out a plan. Everything works again when it resolves. */
export async function doHarm(plan: FaultPlan, cluster: Cluster, history: History): Promise<void> {
  const lanes = cluster.masters.map((master, index) => ({
    faults: plan.masters[index] ?? [],
    act: (fault: Fault) => onMaster(fault, master),
    name: master.process.name,
  }))
  const leader = {
    faults: plan.leader,
    act: (fault: Fault) => onProcess(fault, cluster.leader),
    name: 'leader',
  }
  await Promise.all(
    [leader, ...lanes].map(async ({ faults, act, name }) => {
      for (const fault of faults) {
        await pause(fault.afterMs)
        const target = fault.on === name ? name : `${fault.on} of ${name}`
        history.write({ type: 'fault', target, kind: fault.kind, ms: fault.forMs })
        await act(fault)
      }
    }),
  )
}

function onMaster(fault: Fault, master: ChaosMaster): Promise<void> {
  switch (fault.on) {
    case 'warden':
      return onWarden(fault, master.folder)
    case 'link':
      return onLink(fault, master)
    default:
      return onProcess(fault, master.process)
  }
}

async function onProcess({ kind, forMs }: Fault, process: ChaosProcess): Promise<void> {
  if (kind === 'kill' || kind === 'leave') {
    await process.end(kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
    await pause(forMs)
    await process.start()
  } else {
    process.signal('SIGSTOP')
    await pause(forMs)
    process.signal('SIGCONT')
  }
}

/** Its master starts the next one. */
async function onWarden({ kind, forMs }: Fault, folder: string): Promise<void> {
  const pid = wardenPid(folder)
  if (pid === null) return
  process.kill(pid, kind === 'kill' ? 'SIGKILL' : 'SIGSTOP')
  if (kind === 'kill') return
  await pause(forMs)
  process.kill(pid, 'SIGCONT')
}

async function onLink({ kind, forMs }: Fault, { link }: ChaosMaster): Promise<void> {
  if (kind === 'kill' || kind === 'leave' || kind === 'pause') return
  link.become(kind)
  await pause(forMs)
  link.become('pass')
}
