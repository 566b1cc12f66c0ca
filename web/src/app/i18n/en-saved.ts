/** Words of saved filters. */
export const enSaved = {
  saved: {
    open: 'Saved filters',
    title: 'Saved filters',
    empty: 'No filter is saved on this screen',
    nothing: 'Filter the list first; then the filter can be saved here.',
    name: 'Name for the filter that is on now',
    save: 'Save',
    delete: 'Delete {{name}}',
    fromTemplate: 'Run from a template instead',
  },
}
