/** Words of the retention setting. */
export const enRetention = {
  retention: {
    title: 'How much of the past is kept',
    hint: 'The journal is what time travel, history and recovery read. Whatever bound is reached first, the oldest goes.',
    days: 'Journal, days',
    size: 'Journal, GiB',
    lines: 'Lines of output',
    builtIn: 'built in: {{value}}',
    save: 'Keep so much',
    reset: 'As built in',
  },
}
