import type { LeaderCommand, Register } from '../ports/node-link.js'

/** A register and a welcome that hold to docs/protocol.md. */
export const registerSample: Register = {
  kind: 'register',
  incarnation: 1_700_000_000_000,
  version: '0.1.0',
  capabilities: {
    os: 'linux',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 1,
    gpus: [],
    labels: {},
    projectTypes: ['command'],
    slots: 1,
    host: 'here',
  },
  inventory: [],
  agents: [],
  ackedUplinkSeq: 0,
  term: 0,
  commandSeq: 0,
  logId: '',
  url: null,
}

export const welcomeSample: LeaderCommand = {
  kind: 'welcome',
  term: 1,
  leaderId: 'leader-1',
  logId: 'log',
  ackedUplinkSeq: 0,
  resumed: false,
  lines: [],
  pingIntervalMs: 30_000,
  leaseRenewMs: 5_000,
  strictRenewMs: 2_000,
  httpUrl: 'http://127.0.0.1:8100',
}
