/** Words for alerts, their rules and their delivery, in English. */
export const enAlerts = {
  alert: {
    stall: 'Stalled',
    offline: 'Master offline',
    deaf: 'Master takes no commands',
    quarantined: 'Report set aside',
    backlog: 'Too many tasks wait',
    failures: 'Too many tasks fail',
    cpu: 'CPU busy',
    memory: 'Memory nearly full',
    disk: 'Disk nearly full',
    fleet: 'The fleet',
    lines: 'Its lines',
    closed: 'Over',
    closedSome: 'Over: the newest {{shown}} of {{total}}',
  },
  alertState: {
    raised: 'raised {{time}}',
    acked: 'seen {{time}}',
    shelved: 'shelved {{time}}',
    cleared: 'over since {{time}}',
  },
} as const
