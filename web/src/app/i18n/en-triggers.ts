/** Words for triggers, in English. */
export const enTriggers = {
  trigger: {
    hint: 'Tasks that something else starts, one for each event.',
    new: 'New trigger',
    empty: 'No triggers',
    emptyHint: 'A trigger runs a task when something happens. From the command line:',
    on: 'When',
    what: { task_finished: 'a task ends', alert_raised: 'an alert is raised', node_joined: 'a master joins' },
    if: 'Only if',
    ifHint: 'empty = always; such as {{example}}',
    always: 'each time',
    made: 'Made',
    tasks_one: '{{count}} task',
    tasks_other: '{{count}} tasks',
    error: 'What went wrong last',
    failures_one: '{{count}} failure, {{at}}',
    failures_other: '{{count}} failures, the last one {{at}}',
    commandHint: '$1 is {{subject}}',
  },
} as const
