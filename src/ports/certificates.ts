/** What a leader's TLS ports need, as PEM. */
export interface Certificates {
  /** CA that masters pin through the join file. */
  readonly caPem: string
  readonly certPem: string
  readonly keyPem: string
}

/** Name in every leader certificate that we make: masters check it, whatever address they dial. */
export const leaderServerName = 'leader.agentflow'
