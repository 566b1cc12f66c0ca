/** Words for templates, and for lists of what feeds the queue, in English. */
export const enTemplates = {
  entity: { delete: 'Delete' },
  template: {
    hint: 'Tasks with blanks that are filled in when they are run.',
    empty: 'No templates',
    emptyHint: 'A template is a task with parameters. From the command line:',
    name: 'Name',
    makes: 'Runs',
    parameters: 'Parameters',
    version: 'Version',
    run: 'Run {{name}}',
    delete: 'Delete {{name}}',
    deleteNote:
      'Tasks that were made from it stay. Schedules and triggers that use it will fail to make any.',
    noParameters: 'It has no parameters.',
    must: 'must be given',
    unlessSaid: '{{value}} unless given',
    notSaid: 'not given',
    yes: 'yes',
    no: 'no',
    type: { string: 'text', number: 'number', boolean: 'yes or no' },
  },
} as const
