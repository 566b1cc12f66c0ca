/** Words of the log screen. */
export const enLogs = {
  logs: {
    time: 'Filter by time',
    anyTime: 'Any time',
    lastMinutes: 'Last 15 minutes',
    lastHour: 'Last hour',
    lastDay: 'Last 24 hours',
    between: 'Between …',
    since: 'From this time on',
    until: 'Before this time',
    pause: 'Pause',
    follow: 'Follow',
    waiting_one: '{{count}} new line',
    waiting_other: '{{count}} new lines',
    export: 'Export',
    exportWhat:
      'Saves every line that matches the filter, not only those on screen; of more than {{count, number}} the newest.',
    exportSave: 'Save as a file',
    exportReading: 'Read {{count, number}} lines so far …',
    exportDone: '{{count, number}} lines saved.',
    exportCut: 'The newest {{count, number}} lines saved. Narrow the filter for older ones.',
    format: 'Format',
    formatText: 'Text, a line each',
    formatNdjson: 'NDJSON, with every field',
  },
}
